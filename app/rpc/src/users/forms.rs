//! The forms of the lists and of a user's pages.

use super::{
    Edited, bulk_users, deactivate_user, edit_user, reactivate_user, remove_user, unlock_user,
};
use crate::form_posts::{FormRoute, NoFields};

pub(crate) const FORMS: &[FormRoute] = &[
    FormRoute::new("/i/{slug}/users", "bulk_users", |post| {
        let slug = post.slug.clone();
        post.stay(|draft| bulk_users(slug, draft))
    }),
    FormRoute::new("/i/{slug}/invitations", "bulk_users", |post| {
        let slug = post.slug.clone();
        post.stay(|draft| bulk_users(slug, draft))
    }),
    FormRoute::new("/i/{slug}/users/{id}/edit", "edit_user", |post| {
        let (slug, id) = post.slug_and_id();
        let saved = format!("/i/{slug}/users/{id}?saved=1");
        let next = move |edited: &Edited| match edited {
            Edited::Saved => Some(saved.clone()),
            Edited::Conflict(_) => None,
        };
        post.submit(next, |draft| edit_user(slug, id, draft))
    }),
    FormRoute::new("/i/{slug}/users/{id}", "deactivate_user", |post| {
        let (slug, id) = post.slug_and_id();
        post.stay(|NoFields {}| deactivate_user(slug, id))
    }),
    FormRoute::new("/i/{slug}/users/{id}", "reactivate_user", |post| {
        let (slug, id) = post.slug_and_id();
        post.stay(|NoFields {}| reactivate_user(slug, id))
    }),
    FormRoute::new("/i/{slug}/users/{id}", "remove_user", |post| {
        let (slug, id) = post.slug_and_id();
        post.stay(|NoFields {}| remove_user(slug, id))
    }),
    FormRoute::new("/i/{slug}/users/{id}", "unlock_user", |post| {
        let (slug, id) = post.slug_and_id();
        post.stay(|NoFields {}| unlock_user(slug, id))
    }),
];
