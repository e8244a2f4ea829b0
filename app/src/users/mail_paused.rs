//! The notice that no email is sent at the moment, and that the addresses are not the cause.

use i18n::*;
use leptos::prelude::*;
use rpc::FormattedTime;

use crate::ui::{Banner, BannerKind};

/// The banner that email is delayed for everyone.
#[component]
pub fn MailPaused(since: FormattedTime) -> impl IntoView {
    let locale = use_locale();
    let (iso, shown) = (since.iso(), format!("{} {}", since.text, since.zone));
    view! {
        <Banner kind=BannerKind::Wait title=move || Some(td_string!(locale, users.mail_paused_title))>
            {td!(locale, users.mail_paused_text)}
            " "
            {td!(locale, users.mail_paused_since)}
            " "
            <time datetime=iso>{shown}</time>
            "."
        </Banner>
    }
}
