//! The forms of the invitation's page.

use serde::Deserialize;

use super::{Accepted, accept, accept_confirm, ask_again, decline};
use crate::form_posts::{FormRoute, NoFields};

pub(crate) const FORMS: &[FormRoute] = &[
    FormRoute::new("/accept", "accept", |post| {
        Box::pin(async move {
            let AcceptFields { sign_out } = post.decode()?;
            let link = post.link.clone();
            post.submit(next, move |draft| accept(link, sign_out, draft))
                .await
        })
    }),
    FormRoute::new("/accept", "confirm", |post| {
        let link = post.link.clone();
        post.go(|NoFields {}| accept_confirm(link))
    }),
    FormRoute::new("/accept", "decline", |post| {
        let link = post.link.clone();
        post.stay(|NoFields {}| decline(link))
    }),
    FormRoute::new("/accept", "ask_again", |post| {
        let link = post.link.clone();
        post.stay(|NoFields {}| ask_again(link))
    }),
];

#[derive(Default, Deserialize)]
#[serde(default)]
struct AcceptFields {
    /// Whether to end the browser's session first.
    sign_out: bool,
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "`None` would render the page again"
)]
fn next(accepted: &Accepted) -> Option<String> {
    match accepted {
        Accepted::Joined(go) | Accepted::SignInFirst(go) => Some(go.to.clone()),
    }
}
