//! What needs an administrator's attention, for Home.

use rpc::{
    FormattedTime,
    home::{Attention, COUNTED, Waiting},
};

use super::rows::user_row;
use crate::{
    error::Error,
    service::Actor,
    store::{
        Tx,
        attention::{self, Wait},
        institutions::{self, Institution},
        mail_pauses,
    },
    time_format::{date_time, zone},
};

/// The number of rows of each kind.
const SHOWN: i64 = 3;

/// Returns what waits for an administrator of the institution.
pub(super) async fn find(tx: &mut Tx, actor: &Actor) -> Result<Attention, Error> {
    let institution = institutions::get(tx, actor.institution).await?;
    let counts = attention::counts(tx, actor.institution, COUNTED).await?;
    let seats = match institution.seats {
        Some(seats) => Some((
            institutions::seats_taken(tx, actor.institution).await?,
            i64::from(seats),
        )),
        None => None,
    };
    Ok(Attention {
        expiring: waiting(tx, actor, &institution, Wait::Expiring, counts.expiring).await?,
        expired: waiting(tx, actor, &institution, Wait::Expired, counts.expired).await?,
        unsent: waiting(tx, actor, &institution, Wait::Unsent, counts.unsent).await?,
        asked: waiting(tx, actor, &institution, Wait::Asked, counts.asked).await?,
        refused: waiting(tx, actor, &institution, Wait::Refused, counts.refused).await?,
        locked: waiting(tx, actor, &institution, Wait::Locked, counts.locked).await?,
        mail_paused: mail_paused(tx, actor, &institution).await?,
        seats,
        active: counts.active,
    })
}

/// Returns since when the institution's email is paused, if it is.
pub(super) async fn mail_paused(
    tx: &mut Tx,
    actor: &Actor,
    institution: &Institution,
) -> Result<Option<FormattedTime>, Error> {
    let since = mail_pauses::paused_since(tx).await?;
    Ok(since.map(|since| date_time(since, zone(&institution.time_zone), actor.language)))
}

async fn waiting(
    tx: &mut Tx,
    actor: &Actor,
    institution: &Institution,
    wait: Wait,
    count: i64,
) -> Result<Waiting, Error> {
    if count == 0 {
        return Ok(Waiting::default());
    }
    let rows = attention::first(tx, actor.institution, wait, SHOWN).await?;
    Ok(Waiting {
        count,
        rows: rows
            .into_iter()
            .map(|row| user_row(row, actor, institution))
            .collect(),
    })
}
