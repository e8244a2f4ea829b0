//! The list of users, a user's page, and the frame of an institution's pages.

mod attention;
mod list;
mod rows;
mod timeline;

use async_trait::async_trait;
use i18n::role_name;
use muster::{
    audit::AuditAction,
    failure::Failure,
    ids::{AccountId, MembershipId},
    permission::Permission,
    users_query::UsersQuery,
};
use rpc::{
    Caller, Outcome,
    home::Attention,
    shell::{InstitutionChoice, ShellView},
    users::{Found, UserView, Users, UsersPage},
};

pub use self::rows::name_or_address;
use self::{
    rows::{full_name, state_of, user_row},
    timeline::timeline,
};
use crate::{
    error::boundary,
    members,
    service::Service,
    store::{accounts, audit, institutions, limits, listing, memberships},
    time_format::{day, zone},
};

/// The number of people that the search palette shows.
const FOUND: i64 = 8;

/// The interval between unlocks of one person by administrators. A shorter one would help to guess passwords.
const SECONDS_BETWEEN_UNLOCKS: i32 = 3600;

#[async_trait]
impl Users for Service {
    async fn shell(&self, caller: &Caller, slug: &str) -> Outcome<ShellView> {
        boundary("shell", async {
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
                dev_mailbox: self.dev_mailbox && caller.mailbox,
            }
            .into())
        })
        .await
    }

    async fn users(&self, caller: &Caller, slug: &str, query: &UsersQuery) -> Outcome<UsersPage> {
        boundary("users", async {
            let (actor, mut tx) = self.actor(caller, slug).await?;
            actor.needs(Permission::ViewUsers)?;
            Ok(list::page(&mut tx, &actor, query).await?.into())
        })
        .await
    }

    async fn find_users(&self, caller: &Caller, slug: &str, q: &str) -> Outcome<Vec<Found>> {
        boundary("find_users", async {
            let (actor, mut tx) = self.actor(caller, slug).await?;
            actor.needs(Permission::ViewUsers)?;
            let query = UsersQuery {
                q: q.to_owned(),
                ..UsersQuery::default()
            };
            let wanted = query.parse().map_err(|_| Failure::BadRequest)?;
            let words = list::leading(&mut tx, &actor, &wanted.words).await?;
            if words.is_empty() {
                return Ok(Vec::new().into());
            }
            let page = listing::Page {
                institution: actor.institution,
                filter: listing::Filter::default(),
                only: None,
                key: None,
                limit: FOUND,
            };
            let rows = listing::found(&mut tx, page, &words, true).await?;
            Ok(rows
                .into_iter()
                .map(|row| Found {
                    id: row.id.to_string(),
                    name: name_or_address(&row),
                    state: state_of(&row),
                    email: row.email,
                })
                .collect::<Vec<_>>()
                .into())
        })
        .await
    }

    async fn attention(&self, caller: &Caller, slug: &str) -> Outcome<Option<Attention>> {
        boundary("attention", async {
            let (actor, mut tx) = self.actor(caller, slug).await?;
            if !actor.permissions.contains(Permission::ViewUsers) {
                return Ok(None.into());
            }
            Ok(Some(attention::find(&mut tx, &actor).await?).into())
        })
        .await
    }

    async fn user(&self, caller: &Caller, slug: &str, id: &str) -> Outcome<UserView> {
        boundary("user", async {
            let (actor, mut tx) = self.actor(caller, slug).await?;
            actor.needs(Permission::ViewUsers)?;
            let id: MembershipId = id.parse().map_err(|_| Failure::NotFound)?;
            let institution = institutions::get(&mut tx, actor.institution).await?;
            let row = listing::one(&mut tx, actor.institution, id)
                .await?
                .filter(|row| matches!(row.status.as_str(), "invited" | "active" | "deactivated"))
                .ok_or(Failure::NotFound)?;
            let standing = members::standing(&mut tx, &actor, &institution, &row).await?;
            let steps = audit::of_subject(&mut tx, actor.institution, id).await?;
            let attributes = memberships::attributes(&mut tx, actor.institution, id).await?;
            let zone = zone(&institution.time_zone);
            let open_invitation = row.status == "invited";
            Ok(UserView {
                timeline: timeline(&row, steps, zone, &actor),
                first_name: row.first_name.clone(),
                last_name: row.last_name.clone(),
                phone: row.phone.clone().unwrap_or_default(),
                attributes,
                joined: row.joined_at.map(|at| day(at, zone, actor.language)),
                open_invitation,
                login_details: row.login_details,
                may_invite: actor.permissions.contains(Permission::InviteUsers),
                may_unlock: row.locked && actor.permissions.contains(Permission::UnlockUsers),
                may_edit: actor.permissions.contains(Permission::EditUsers),
                role: row.role_id.to_string(),
                version: row.version,
                roles: standing.roles,
                role_fixed: standing.role_fixed,
                ending_refused: standing.ending_refused,
                row: user_row(row, &actor, &institution),
            }
            .into())
        })
        .await
    }

    async fn unlock_user(&self, caller: &Caller, slug: &str, id: &str) -> Outcome<()> {
        boundary("unlock_user", async {
            let (actor, mut tx) = self.actor(caller, slug).await?;
            actor.needs(Permission::UnlockUsers)?;
            let id: MembershipId = id.parse().map_err(|_| Failure::NotFound)?;
            let row = listing::one(&mut tx, actor.institution, id)
                .await?
                .ok_or(Failure::NotFound)?;
            let account = row
                .account_id
                .filter(|_| row.locked && row.status == "active")
                .map(AccountId::from_uuid)
                .ok_or(Failure::Conflict)?;
            limits::once(
                &mut tx,
                &format!("unlock of {account}"),
                SECONDS_BETWEEN_UNLOCKS,
            )
            .await?;
            if accounts::by_id(&mut tx, account).await?.is_none()
                || !self.end_lock(&mut tx, account).await?
            {
                return Err(Failure::Conflict.into());
            }
            let entry = actor.entry(AuditAction::UserUnlocked).about(id);
            audit::insert(&mut tx, entry).await?;
            tx.commit().await?;
            Ok(().into())
        })
        .await
    }
}
