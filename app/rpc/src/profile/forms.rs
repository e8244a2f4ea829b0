//! The forms of the profile page.

use super::{change_password, choose_language, confirm_address};
use crate::form_posts::{FormRoute, NoFields};

pub(crate) const FORMS: &[FormRoute] = &[
    FormRoute::new("/profile", "choose_language", |post| {
        post.go(choose_language)
    }),
    FormRoute::new("/profile", "change_password", |post| {
        post.stay(change_password)
    }),
    FormRoute::new("/profile", "confirm_address", |post| {
        post.stay(|NoFields {}| confirm_address())
    }),
];
