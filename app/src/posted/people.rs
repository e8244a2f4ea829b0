//! The forms that invite, create, edit and remove members.

use muster::{
    draft::{BulkDraft, EditUserDraft, InviteDraft, InviteRow, MAX_ROWS, ResendDraft, UserDraft},
    failure::Failure,
};

use super::{Nothing, Posted, decode, encode, form, going, staying};
use crate::{
    form::PostedForm,
    invitations::api as invitations_api,
    users::api::{self as users_api, Edited},
};

/// Processes a form of an institution's page.
pub(super) async fn post(
    slug: &str,
    page: &[&str],
    intent: &str,
    body: &str,
) -> Result<Posted, Failure> {
    match (page, intent) {
        (["invite"], "more_rows") => more_rows(body),
        (["invite"], "invite") => {
            form(intent, body, staying, async |draft: InviteDraft| {
                invitations_api::invite(slug.to_owned(), draft).await
            })
            .await
        }
        (["users", "new"], "create_user") => {
            form(intent, body, going, async |draft: UserDraft| {
                invitations_api::create_user(slug.to_owned(), draft).await
            })
            .await
        }
        (["users" | "invitations"], "bulk_users") => {
            form(intent, body, staying, async |draft: BulkDraft| {
                users_api::bulk_users(slug.to_owned(), draft).await
            })
            .await
        }
        (["users", id, "edit"], "edit_user") => {
            let saved = |edited: &Edited| match edited {
                Edited::Saved => Some(format!("/i/{slug}/users/{id}?saved=1")),
                Edited::Conflict(_) => None,
            };
            form(intent, body, saved, async |draft: EditUserDraft| {
                users_api::edit_user(slug.to_owned(), (*id).to_owned(), draft).await
            })
            .await
        }
        (["users", id], "resend") => {
            form(intent, body, staying, async |draft: ResendDraft| {
                invitations_api::resend(slug.to_owned(), (*id).to_owned(), draft).await
            })
            .await
        }
        (["users", id], "deactivate_user") => {
            form(intent, body, staying, async |_: Nothing| {
                users_api::deactivate_user(slug.to_owned(), (*id).to_owned()).await
            })
            .await
        }
        (["users", id], "reactivate_user") => {
            form(intent, body, staying, async |_: Nothing| {
                users_api::reactivate_user(slug.to_owned(), (*id).to_owned()).await
            })
            .await
        }
        (["users", id], "remove_user") => {
            form(intent, body, staying, async |_: Nothing| {
                users_api::remove_user(slug.to_owned(), (*id).to_owned()).await
            })
            .await
        }
        (["users", id], "revoke") => {
            form(intent, body, staying, async |_: Nothing| {
                invitations_api::revoke(slug.to_owned(), (*id).to_owned()).await
            })
            .await
        }
        (["users", id], "copy_link") => {
            form(intent, body, staying, async |_: Nothing| {
                invitations_api::copy_link(slug.to_owned(), (*id).to_owned()).await
            })
            .await
        }
        (["users", id], "unlock_user") => {
            form(intent, body, staying, async |_: Nothing| {
                users_api::unlock_user(slug.to_owned(), (*id).to_owned()).await
            })
            .await
        }
        _ => Err(Failure::NotFound),
    }
}

/// Number of rows that `+` adds without scripts.
const MORE_ROWS: usize = 5;

/// Processes `+` of the invitation form without scripts: renders the page again with more empty rows.
fn more_rows(body: &str) -> Result<Posted, Failure> {
    let mut draft: InviteDraft = decode(body)?;
    for _ in 0..MORE_ROWS {
        if draft.rows.len() < MAX_ROWS {
            let role = draft
                .rows
                .last()
                .map_or_else(String::new, |row| row.role.clone());
            draft.rows.push(InviteRow {
                email: String::new(),
                role,
            });
        }
    }
    Ok(Posted::Again(PostedForm {
        link: String::new(),
        intent: "invite".to_owned(),
        draft: encode(&draft)?,
        answer: Ok(String::new()),
    }))
}
