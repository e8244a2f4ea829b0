//! The forms that invite people, and those of an open invitation on its user's page.

use muster::{
    draft::{InviteDraft, InviteRow, MAX_ROWS},
    failure::Failure,
};

use super::{copy_link, create_user, invite, resend, revoke};
use crate::form_posts::{FormOutcome, FormPost, FormRoute, NoFields};

pub(crate) const FORMS: &[FormRoute] = &[
    FormRoute::new("/i/{slug}/invite", "more_rows", |post| {
        Box::pin(async move { more_rows(post) })
    }),
    FormRoute::new("/i/{slug}/invite", "invite", |post| {
        let slug = post.slug.clone();
        post.stay(|draft| invite(slug, draft))
    }),
    FormRoute::new("/i/{slug}/users/new", "create_user", |post| {
        let slug = post.slug.clone();
        post.go(|draft| create_user(slug, draft))
    }),
    FormRoute::new("/i/{slug}/users/{id}", "resend", |post| {
        let (slug, id) = post.slug_and_id();
        post.stay(|draft| resend(slug, id, draft))
    }),
    FormRoute::new("/i/{slug}/users/{id}", "revoke", |post| {
        let (slug, id) = post.slug_and_id();
        post.stay(|NoFields {}| revoke(slug, id))
    }),
    FormRoute::new("/i/{slug}/users/{id}", "copy_link", |post| {
        let (slug, id) = post.slug_and_id();
        post.stay(|NoFields {}| copy_link(slug, id))
    }),
];

/// Number of rows that `+` adds without scripts.
const MORE_ROWS: usize = 5;

/// Processes `+` of the invitation form without scripts: renders the page again with more empty rows.
fn more_rows(post: FormPost) -> Result<FormOutcome, Failure> {
    let mut draft: InviteDraft = post.decode()?;
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
    post.rerender("invite", &draft)
}
