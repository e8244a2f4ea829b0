//! The forms of sign-in and sign-out, password reset and locked accounts.

use muster::draft::own_page;
use serde::Deserialize;

use super::{Go, ask_reset, choose_password, confirm, reset_password, sign_in, sign_out, unlock};
use crate::form_posts::{FormRoute, NoFields};

pub(crate) const FORMS: &[FormRoute] = &[
    FormRoute::new("/sign-in", "sign_in", |post| post.go(sign_in)),
    // The page that has this form decides where to go next.
    FormRoute::single("/sign-out", |post| {
        Box::pin(async move {
            let SignOutFields { to } = post.decode()?;
            let next = move |go: &Go| Some(own_page(&to).unwrap_or_else(|| go.to.clone()));
            post.submit(next, |NoFields {}| sign_out()).await
        })
    }),
    FormRoute::new("/forgotten", "ask_reset", |post| post.stay(ask_reset)),
    FormRoute::new("/reset", "reset_password", |post| {
        let link = post.link.clone();
        post.go(|draft| reset_password(link, draft))
    }),
    FormRoute::new("/new-password", "choose_password", |post| {
        let account = post.account.clone();
        post.go(|draft| choose_password(account, draft))
    }),
    FormRoute::new("/unlock", "unlock", |post| {
        let link = post.link.clone();
        post.go(|NoFields {}| unlock(link))
    }),
    FormRoute::new("/confirm", "confirm", |post| {
        let link = post.link.clone();
        post.go(|draft| confirm(link, draft))
    }),
];

#[derive(Default, Deserialize)]
#[serde(default)]
struct SignOutFields {
    /// The path to redirect to afterwards.
    to: String,
}
