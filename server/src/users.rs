//! The list of users, a user's page, and what surrounds every page of an institution.

use app::{
    backend::{Caller, Outcome, Users},
    language::role_name,
    shell::view::{InstitutionChoice, ShellView},
    users::api::{MailState, StateView, Step, TimelineStep, UserRow, UserView, UsersPage},
};
use async_trait::async_trait;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono_tz::Tz;
use muster::{
    account_state::AccountState,
    failure::Failure,
    ids::{AccountId, MembershipId},
    permission::Permission,
};
use serde_json::json;
use uuid::Uuid;

use crate::{
    error::{Error, boundary},
    moments::{day, moment, zone},
    service::{Actor, Service},
    store::{
        accounts, audit,
        institutions::{self, Institution},
        limits,
        memberships::{self, Row},
    },
};

/// Rows a page.
const PAGE: i64 = 50;

/// An administrator's unlock, once an hour a person: more would be a way to guess passwords.
const SECONDS_BETWEEN_UNLOCKS: i32 = 3600;

#[async_trait]
impl Users for Service {
    async fn shell(&self, caller: &Caller, slug: &str) -> Outcome<ShellView> {
        boundary(async {
            let (actor, mut tx) = self.actor(caller, slug).await?;
            let acting = memberships::acting(&mut tx, actor.institution, actor.membership).await?;
            memberships::viewed(&mut tx, actor.institution, actor.membership).await?;
            let institutions = institutions::of_person(&mut tx, actor.account).await?;
            tx.commit().await?;
            let institutions: Vec<_> = institutions
                .into_iter()
                .map(|choice| InstitutionChoice {
                    slug: choice.slug,
                    name: choice.name,
                })
                .collect();
            let institution = institutions
                .iter()
                .find(|choice| choice.slug == slug)
                .cloned()
                .ok_or(Failure::NotFound)?;
            Ok(ShellView {
                institution,
                institutions,
                name: full_name(&acting.first_name, &acting.last_name),
                role: role_name(
                    actor.language,
                    acting.role_code.as_deref(),
                    &acting.role_name,
                ),
                permissions: actor.permissions,
                just_joined: !acting.welcomed,
                dev_mailbox: self.dev_mailbox && caller.loopback,
            }
            .into())
        })
        .await
    }

    async fn users(
        &self,
        caller: &Caller,
        slug: &str,
        after: Option<&str>,
        before: Option<&str>,
    ) -> Outcome<UsersPage> {
        boundary(async {
            let (actor, mut tx) = self.actor(caller, slug).await?;
            actor.needs(Permission::ViewUsers)?;
            let institution = institutions::get(&mut tx, actor.institution).await?;
            let (mut rows, has_previous, has_next);
            if let Some(before) = before {
                rows =
                    memberships::before(&mut tx, actor.institution, &read_key(before)?, PAGE + 1)
                        .await?;
                has_previous = overfull(&rows);
                has_next = true;
                if has_previous {
                    rows.remove(0);
                }
            } else {
                let key = after.map(read_key).transpose()?;
                rows =
                    memberships::after(&mut tx, actor.institution, key.as_ref(), PAGE + 1).await?;
                has_previous = key.is_some();
                has_next = overfull(&rows);
                if has_next {
                    rows.pop();
                }
            }
            let first = rows.first().map(key_of);
            let (total, ahead) =
                memberships::count(&mut tx, actor.institution, first.as_ref()).await?;
            let next = rows
                .last()
                .filter(|_| has_next)
                .map(|row| write_key(&key_of(row)));
            let previous = first.filter(|_| has_previous).map(|key| write_key(&key));
            Ok(UsersPage {
                rows: rows
                    .into_iter()
                    .map(|row| user_row(row, &actor, &institution))
                    .collect(),
                next,
                previous,
                total,
                first: ahead + 1,
                may_invite: actor.permissions.contains(Permission::InviteUsers),
            }
            .into())
        })
        .await
    }

    async fn user(&self, caller: &Caller, slug: &str, id: &str) -> Outcome<UserView> {
        boundary(async {
            let (actor, mut tx) = self.actor(caller, slug).await?;
            actor.needs(Permission::ViewUsers)?;
            let id: MembershipId = id.parse().map_err(|_| Failure::NotFound)?;
            let institution = institutions::get(&mut tx, actor.institution).await?;
            let row = memberships::one(&mut tx, actor.institution, id)
                .await?
                .filter(|row| matches!(row.status.as_str(), "invited" | "active" | "deactivated"))
                .ok_or(Failure::NotFound)?;
            let steps = audit::of_subject(&mut tx, actor.institution, id).await?;
            let zone = zone(&institution.time_zone);
            let open_invitation = row.status == "invited";
            Ok(UserView {
                timeline: timeline(&row, steps, zone, &actor),
                first_name: row.first_name.clone(),
                last_name: row.last_name.clone(),
                phone: row.phone.clone().unwrap_or_default(),
                joined: row.joined_at.map(|at| day(at, zone, actor.language)),
                open_invitation,
                may_invite: actor.permissions.contains(Permission::InviteUsers),
                may_unlock: row.locked_at.is_some()
                    && actor.permissions.contains(Permission::UnlockUsers),
                row: user_row(row, &actor, &institution),
            }
            .into())
        })
        .await
    }

    async fn unlock_user(&self, caller: &Caller, slug: &str, id: &str) -> Outcome<()> {
        boundary(async {
            let (actor, mut tx) = self.actor(caller, slug).await?;
            actor.needs(Permission::UnlockUsers)?;
            let id: MembershipId = id.parse().map_err(|_| Failure::NotFound)?;
            let row = memberships::one(&mut tx, actor.institution, id)
                .await?
                .ok_or(Failure::NotFound)?;
            let account = row
                .account_id
                .filter(|_| row.locked_at.is_some() && row.status == "active")
                .map(AccountId::from_uuid)
                .ok_or(Failure::Changed)?;
            limits::once(
                &mut tx,
                &format!("unlock of {account}"),
                SECONDS_BETWEEN_UNLOCKS,
            )
            .await?;
            if accounts::by_id(&mut tx, account).await?.is_none()
                || !self.end_lock(&mut tx, account).await?
            {
                return Err(Failure::Changed.into());
            }
            audit::insert(
                &mut tx,
                audit::Entry {
                    institution: actor.institution,
                    actor: Some(actor.membership),
                    action: "user.unlocked",
                    subject: Some(id),
                    detail: json!({}),
                    ip: Some(actor.ip),
                },
            )
            .await?;
            tx.commit().await?;
            Ok(().into())
        })
        .await
    }
}

fn overfull(rows: &[Row]) -> bool {
    i64::try_from(rows.len()).is_ok_and(|rows| rows > PAGE)
}

fn key_of(row: &Row) -> (String, Uuid) {
    (row.sort_name.clone(), row.id)
}

/// A key as it stands in an address.
fn write_key((name, id): &(String, Uuid)) -> String {
    URL_SAFE_NO_PAD.encode(format!("{id}{name}"))
}

fn read_key(raw: &str) -> Result<(String, Uuid), Error> {
    /// A UUID's text stands first.
    const ID: usize = 36;
    let read = || {
        let text = String::from_utf8(URL_SAFE_NO_PAD.decode(raw).ok()?).ok()?;
        let (id, name) = text.split_at_checked(ID)?;
        let plain = !name.contains('\0');
        Some((name.to_owned(), id.parse().ok()?)).filter(|_| plain)
    };
    read().ok_or_else(|| Failure::BadRequest.into())
}

fn full_name(first: &str, last: &str) -> String {
    format!("{first} {last}").trim().to_owned()
}

fn user_row(row: Row, actor: &Actor, institution: &Institution) -> UserRow {
    let zone = zone(&institution.time_zone);
    let state = match (row.status.as_str(), row.locked_at, row.seconds_left) {
        ("invited", _, Some(left)) if left > 0 => AccountState::Pending,
        ("invited", _, _) => AccountState::InviteExpired,
        ("deactivated", _, _) => AccountState::Deactivated,
        (_, Some(_), _) => AccountState::Locked,
        _ => AccountState::Active,
    };
    let open = row.status == "invited";
    let mail = match row.mail_state.as_deref().filter(|_| open) {
        None => MailState::None,
        Some("delayed") => MailState::Delayed,
        Some("sent") => MailState::Sent,
        Some("refused") => MailState::Refused,
        Some(_) => MailState::Queued,
    };
    UserRow {
        id: row.id.to_string(),
        name: full_name(&row.first_name, &row.last_name),
        username: row.username,
        email: row.email,
        // Before a person accepts there is nothing to say about the address.
        email_confirmed: open || row.email_confirmed,
        role: role_name(actor.language, row.role_code.as_deref(), &row.role_name),
        main_contact: row.id == institution.main_contact,
        state: StateView {
            state,
            seconds_left: row.seconds_left.filter(|_| open),
            until: row
                .expires_at
                .filter(|_| open)
                .map(|at| moment(at, zone, actor.language)),
            asked_again: open && row.asked_again_at.is_some(),
            mail,
        },
    }
}

fn timeline(row: &Row, steps: Vec<audit::Step>, zone: Tz, actor: &Actor) -> Vec<TimelineStep> {
    let mut timeline = Vec::new();
    let mut add = |step, at, detail: String| timeline.push((at, step, detail));
    for done in steps {
        let step = match done.action.as_str() {
            "invitation.sent" => Step::Invited,
            "invitation.resent" => Step::Resent,
            "invitation.link_copied" => Step::LinkCopied,
            "invitation.asked_again" => Step::AskedAgain,
            "invitation.accepted" => Step::Accepted,
            "invitation.declined" => Step::Declined,
            "invitation.revoked" => Step::Revoked,
            _ => continue,
        };
        add(step, done.at, done.actor);
    }
    if let (Some(state), Some(at)) = (row.mail_state.as_deref(), row.mail_state_at) {
        match state {
            "sent" => add(
                Step::MailAccepted,
                at,
                row.mail_response.clone().unwrap_or_default(),
            ),
            "refused" => add(
                Step::MailRefused,
                at,
                row.mail_response.clone().unwrap_or_default(),
            ),
            _ => {}
        }
    }
    if let Some(at) = row.viewed_at {
        add(Step::Viewed, at, String::new());
    }
    if let (Some(at), Some(..=0), "invited") =
        (row.expires_at, row.seconds_left, row.status.as_str())
    {
        add(Step::Expired, at, String::new());
    }
    timeline.sort_by_key(|(at, ..)| *at);
    timeline
        .into_iter()
        .map(|(at, step, detail)| TimelineStep {
            step,
            at: moment(at, zone, actor.language),
            detail,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_comes_back_from_an_address_and_nonsense_is_refused() {
        let key = ("åström żółć".to_owned(), Uuid::from_u128(7));
        assert_eq!(read_key(&write_key(&key)).unwrap(), key);
        for nonsense in ["", "null", "ä", "AAAA", &"A".repeat(100)] {
            assert!(read_key(nonsense).is_err());
        }
    }
}
