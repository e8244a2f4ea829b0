//! The forms of the profile page.

use super::{change_password, choose_language, confirm_address};
use crate::form_posts::{FormRoute, NoFields};

pub(crate) const FORMS: &[FormRoute] = &[
    FormRoute::new("/profile", "choose_language", |post| {
        let account = post.account.clone();
        post.go(|draft| choose_language(account, draft))
    }),
    FormRoute::new("/profile", "change_password", |post| {
        let account = post.account.clone();
        post.stay(|draft| change_password(account, draft))
    }),
    FormRoute::new("/profile", "confirm_address", |post| {
        let account = post.account.clone();
        post.stay(|NoFields {}| confirm_address(account))
    }),
];
