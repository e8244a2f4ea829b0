//! The form of the set-up page.

use super::set_up;
use crate::form_posts::FormRoute;

pub(crate) const FORMS: &[FormRoute] = &[FormRoute::new("/setup", "set_up", |post| {
    let link = post.link.clone();
    post.go(|draft| set_up(link, draft))
})];
