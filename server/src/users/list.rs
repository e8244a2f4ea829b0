//! A page of the list of users.

use std::ops::RangeInclusive;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::DateTime;
use i18n::role_name;
use muster::{
    account_state::AccountState,
    failure::Failure,
    permission::Permission,
    users_query::{StateFilter, UserSort, UsersQuery, UsersWanted},
};
use rpc::users::{Count, RoleFilter, UsersPage};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{attention, rows::user_row};
use crate::{
    error::Error,
    service::Actor,
    store::{
        Tx, counts,
        institutions::{self, Role},
        listing::{self, Column, Filter, Key, Open, Page, Row},
    },
};

/// The number of rows of a page.
const PAGE: i64 = 50;

/// Counts are exact up to this number.
const COUNTED: i64 = 10_000;

/// The number of a search's matches that are examined if the search has filters: each costs a lookup.
const LOOKED_AT: i64 = 1_000;

/// Up to this number, filtered rows are selected by id and sorted.
const PICKED_OUT: usize = 2_000;

/// The maximum number of words of a search.
const MOST_WORDS: usize = 6;

/// The largest number of a row in a URL. No institution has as many users.
const MAX_NUMBER: i64 = 1_000_000_000_000;

/// The times in a URL: the years 1 to 9999, in microseconds since 1970. Postgres stores fewer years than `DateTime`.
const TIMES: RangeInclusive<i64> = -62_135_596_800_000_000..=253_402_300_799_999_999;

/// A position in the list, encoded in the URL.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Place {
    /// The number of its row, counted from 1.
    number: i64,
    id: Uuid,
    text: Option<String>,
    /// Microseconds since 1970.
    time: Option<i64>,
}

impl Place {
    fn write(&self) -> String {
        URL_SAFE_NO_PAD.encode(serde_json::to_vec(self).unwrap_or_default())
    }

    /// Decodes a position.
    ///
    /// # Errors
    /// Returns `BadRequest` if the text is not a valid position.
    fn read(raw: &str) -> Result<Self, Error> {
        let read = || {
            let place: Self = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(raw).ok()?).ok()?;
            let plain = !place.text.as_ref().is_some_and(|text| text.contains('\0'));
            let in_time = place.time.is_none_or(|time| TIMES.contains(&time));
            let counted = (1..=MAX_NUMBER).contains(&place.number);
            (plain && in_time && counted).then_some(place)
        };
        read().ok_or_else(|| Failure::BadRequest.into())
    }

    fn key(&self, timed: bool) -> Result<Key, Error> {
        if timed {
            Ok(Key::Time(
                self.time.and_then(DateTime::from_timestamp_micros),
                self.id,
            ))
        } else {
            let text = self.text.clone().ok_or(Failure::BadRequest)?;
            Ok(Key::Text(text, self.id))
        }
    }
}

/// The order of a page.
struct Run {
    column: Column,
    up: bool,
    searching: bool,
}

impl Run {
    fn new(wanted: &UsersWanted) -> Self {
        let searching = !wanted.words.is_empty();
        let invited = matches!(
            wanted.state,
            Some(
                StateFilter::Invited
                    | StateFilter::Is(
                        AccountState::NotNotified
                            | AccountState::Pending
                            | AccountState::InviteExpired
                    )
            )
        );
        let (column, up) = match wanted.sort {
            _ if searching => (Column::Name, true),
            // People who have not accepted were never seen.
            UserSort::Seen if invited => (Column::Age, false),
            UserSort::SeenUp if invited => (Column::Age, true),
            UserSort::Name => (Column::Name, true),
            UserSort::NameDown => (Column::Name, false),
            UserSort::Seen => (Column::Seen, false),
            UserSort::SeenUp => (Column::Seen, true),
            UserSort::New => (Column::Age, false),
            UserSort::Old => (Column::Age, true),
        };
        Self {
            column,
            up,
            searching,
        }
    }

    fn timed(&self) -> bool {
        !self.searching && self.column != Column::Name
    }

    fn place(&self, row: &Row, number: i64) -> Place {
        let (text, time) = match (self.searching, self.column) {
            (true, _) => (Some(row.word.clone()), None),
            (false, Column::Name) => (Some(row.sort_name.clone()), None),
            (false, Column::Seen) => (None, row.seen_at),
            (false, Column::Age) => (None, Some(row.created_at)),
        };
        Place {
            number,
            id: row.id,
            text,
            time: time.map(|time| time.timestamp_micros()),
        }
    }
}

/// Returns the filter for a state and a role.
pub(super) fn filter(wanted: &UsersWanted) -> Filter {
    let (listing, open) = match wanted.state {
        None => (None, None),
        Some(StateFilter::Invited) => (Some("invited"), None),
        Some(StateFilter::Is(state)) => match state {
            AccountState::NotNotified => (Some("invited"), Some(Open::Waiting)),
            AccountState::Pending => (Some("invited"), Some(Open::Pending)),
            AccountState::InviteExpired => (Some("invited"), Some(Open::Expired)),
            AccountState::Active => (Some("active"), None),
            AccountState::Locked => (Some("locked"), None),
            AccountState::Deactivated => (Some("deactivated"), None),
        },
    };
    Filter {
        listing,
        open,
        role: wanted.role.map(muster::ids::RoleId::as_uuid),
    }
}

/// Returns the words of a search for the database: without words that no text can contain, the rarest first.
pub(super) async fn leading(
    tx: &mut Tx,
    actor: &Actor,
    words: &[String],
) -> Result<Vec<String>, Error> {
    let words: Vec<String> = words
        .iter()
        .take(MOST_WORDS)
        .map(|word| word.replace('\0', ""))
        .filter(|word| !word.is_empty())
        .collect();
    if words.len() < 2 {
        return Ok(words);
    }
    Ok(counts::rarest_first(tx, actor.institution, &words, COUNTED).await?)
}

/// Returns the requested page.
pub(super) async fn page(
    tx: &mut Tx,
    actor: &Actor,
    query: &UsersQuery,
) -> Result<UsersPage, Error> {
    let mut wanted = query.parse().map_err(|_| Failure::BadRequest)?;
    wanted.words = leading(tx, actor, &wanted.words).await?;
    let run = Run::new(&wanted);
    let (place, back) = match (query.after.as_str(), query.before.as_str()) {
        ("", "") => (None, false),
        (after, "") => (Some(Place::read(after)?), false),
        ("", before) => (Some(Place::read(before)?), true),
        _ => return Err(Failure::BadRequest.into()),
    };
    let key = place
        .as_ref()
        .map(|place| place.key(run.timed()))
        .transpose()?;
    let filter = filter(&wanted);
    // Few rows among many are selected by id; many among few are found by walking the index.
    let open = match filter.open {
        Some(open) => Some(counts::invited(tx, actor.institution, open, COUNTED + 1).await?),
        None => None,
    };
    let only = open.as_deref().filter(|ids| ids.len() <= PICKED_OUT);
    let page = Page {
        institution: actor.institution,
        filter,
        only,
        key: key.as_ref(),
        limit: PAGE + 1,
    };
    let up = run.up != back;
    let mut rows = if run.searching {
        listing::found(tx, page, &wanted.words, up).await?
    } else {
        listing::ordered(tx, page, run.column, up).await?
    };
    let more = i64::try_from(rows.len()).is_ok_and(|found| found > PAGE);
    if more {
        rows.pop();
    }
    if back {
        rows.reverse();
    }
    let shown = i64::try_from(rows.len()).unwrap_or(PAGE);
    let first = match (&place, back) {
        (None, _) => 1,
        (Some(place), false) => place.number + 1,
        // New users change the numbers; the first page always begins with 1.
        (Some(_), true) if !more => 1,
        (Some(place), true) => (place.number - shown).max(1),
    };
    let at = |row: Option<&Row>, number| row.map(|row| run.place(row, number).write());
    let next =
        at(rows.last(), first + shown - 1).filter(|_| if back { place.is_some() } else { more });
    let previous = at(rows.first(), first).filter(|_| if back { more } else { place.is_some() });
    let known = open.filter(|_| filter.role.is_none()).map(|ids| ids.len());
    let count = count(
        tx,
        actor,
        filter,
        (&wanted.words, known),
        (first + shown - 1, next.is_none()),
    )
    .await?;
    let institution = institutions::get(tx, actor.institution).await?;
    let roles = institutions::roles(tx, actor.institution).await?;
    Ok(UsersPage {
        rows: rows
            .into_iter()
            .map(|row| user_row(row, actor, &institution))
            .collect(),
        next,
        previous,
        count,
        first: (shown > 0).then_some(first),
        roles: roles
            .into_iter()
            .map(|role| role_filter(role, actor))
            .collect(),
        mail_paused: attention::mail_paused(tx, actor, &institution).await?,
        may_invite: actor.permissions.contains(Permission::InviteUsers),
        may_remove: actor.permissions.contains(Permission::RemoveUsers),
    })
}

fn role_filter(role: Role, actor: &Actor) -> RoleFilter {
    RoleFilter {
        id: role.id.to_string(),
        name: role_name(actor.language, role.code.as_deref(), &role.name),
    }
}

/// Returns the number of users: exact if that is quick, otherwise an estimate. `seen` is the number of the page's last
/// row and whether it is the last of the list; the count is at least that number.
async fn count(
    tx: &mut Tx,
    actor: &Actor,
    filter: Filter,
    (words, known): (&[String], Option<usize>),
    seen: (i64, bool),
) -> Result<Count, Error> {
    if seen.1 && seen.0 <= PAGE {
        return Ok(Count::Exact(seen.0));
    }
    if words.is_empty() {
        let counted = match known.and_then(|known| i64::try_from(known).ok()) {
            Some(known) => known,
            None => counts::users(tx, actor.institution, filter, COUNTED + 1).await?,
        };
        if counted <= COUNTED {
            return Ok(Count::Exact(counted));
        }
        if filter.open.is_some() {
            return Ok(Count::Over(COUNTED));
        }
        let about = counts::about(tx, filter).await?;
        return Ok(Count::About(two_digits(about.max(COUNTED).max(seen.0))));
    }
    let narrowed = words.len() > 1 || filter.open.is_some() || filter.role.is_some();
    let most = if narrowed { LOOKED_AT } else { COUNTED };
    let (found, over) = counts::found(tx, actor.institution, filter, words, most + 1).await?;
    if over {
        Ok(Count::Over(found.max(seen.0)))
    } else {
        Ok(Count::Exact(found))
    }
}

/// Rounds to two digits, the precision of the statistics.
const fn two_digits(number: i64) -> i64 {
    let mut unit = 1;
    while number / unit >= 100 {
        unit *= 10;
    }
    (number + unit / 2) / unit * unit
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_comes_back_from_an_address_and_nonsense_is_refused() {
        for place in [
            Place {
                number: 50,
                id: Uuid::from_u128(7),
                text: Some("åström żółć".to_owned()),
                time: None,
            },
            Place {
                number: 1_000_000,
                id: Uuid::from_u128(7),
                text: None,
                time: Some(-1),
            },
        ] {
            assert_eq!(Place::read(&place.write()).unwrap(), place);
        }
        let zero = Place {
            number: 1,
            id: Uuid::from_u128(7),
            text: Some("a\0".to_owned()),
            time: Some(i64::MAX),
        };
        for nonsense in ["", "null", "ä", "AAAA", &"A".repeat(100), &zero.write()] {
            assert!(Place::read(nonsense).is_err());
        }
        for (number, time) in [
            (0, 0),
            (i64::MAX, 0),
            (1, i64::MIN),
            (1, i64::MAX),
            (1, TIMES.start() - 1),
            (1, TIMES.end() + 1),
        ] {
            let place = Place {
                number,
                id: Uuid::from_u128(7),
                text: None,
                time: Some(time),
            };
            assert!(Place::read(&place.write()).is_err(), "{number} {time}");
        }
    }

    #[test]
    fn an_estimate_has_two_digits() {
        assert_eq!(two_digits(1_004_217), 1_000_000);
        assert_eq!(two_digits(996_000), 1_000_000);
        assert_eq!(two_digits(12_499), 12_000);
        assert_eq!(two_digits(99), 99);
    }
}
