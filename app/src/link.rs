//! The emailed link of a page. The URL has only its handle, which is no secret; the page's forms send the ticket.

use i18n::*;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
#[cfg(feature = "ssr")]
use rpc::PostedForm;

use crate::ui::{MaybeWords, Words};

/// The name of the link's handle in the URL and in forms.
const LINK: &str = "link";

/// Returns the reference to this page's link: from the form that was just posted, otherwise from the URL. It is
/// delivered with the page, so both renderings are equal.
#[must_use]
pub fn page_link() -> String {
    let in_address = use_query_map().with_untracked(|query| query.get(LINK).unwrap_or_default());
    SharedValue::new(move || {
        #[cfg(feature = "ssr")]
        {
            use_context::<PostedForm>()
                .map(|form| form.link)
                .filter(|link| !link.is_empty())
                .unwrap_or(in_address)
        }
        #[cfg(not(feature = "ssr"))]
        {
            in_address
        }
    })
    .into_inner()
}

/// Returns the URL of this page at `path`.
#[must_use]
pub fn own_address(path: &str) -> String {
    let link = use_query_map().with_untracked(|query| query.get(LINK).unwrap_or_default());
    let handle: String = link
        .chars()
        .filter(|character| character.is_ascii_alphanumeric() || "-_.".contains(*character))
        .take(40)
        .collect();
    link_address(path, &handle)
}

/// The hidden field that carries the link's reference.
#[component]
pub fn LinkField(#[prop(into)] link: String) -> impl IntoView {
    view! { <input type="hidden" name=LINK value=link/> }
}

/// Returns the URL of the page at `path` for the link with this handle.
#[must_use]
pub fn link_address(path: &str, handle: &str) -> String {
    format!("{path}?{LINK}={handle}")
}

/// Returns the URL of the sign-in page that returns to the page at `path` for the link with this handle.
#[must_use]
pub fn sign_in_for(path: &str, handle: &str) -> String {
    format!("/sign-in?to={path}%3F{LINK}%3D{handle}")
}

/// The message for a browser that does not have the link that the URL names.
#[component]
pub fn LinkMissing(
    /// What to do, if not to open the link in the email again.
    #[prop(optional, into)]
    text: MaybeWords,
) -> impl IntoView {
    let locale = use_locale();
    let text = Words::from(move || {
        text.get()
            .unwrap_or_else(|| td_string!(locale, common.link_missing_text).to_owned())
    });
    view! {
        <h1>{td!(locale, common.link_missing_title)}</h1>
        <p class="lead">{move || text.get()}</p>
    }
}
