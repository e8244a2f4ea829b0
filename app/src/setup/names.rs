//! First and last name next to each other.

use i18n::*;
use leptos::prelude::*;

use super::Live;
use crate::ui::Field;

/// The two fields of a person's name.
#[component]
pub fn NameFields(
    first_name: RwSignal<String>,
    last_name: RwSignal<String>,
    live: Live,
    /// Whether people enter their own name, so that the browser may fill it in.
    #[prop(optional)]
    own: bool,
    #[prop(optional)] autofocus: bool,
) -> impl IntoView {
    let locale = use_locale();
    let known = |token: &'static str| if own { token } else { "off" };
    view! {
        <div class="pair">
            <Field
                name="first_name"
                label=move || td_string!(locale, common.first_name)
                value=first_name
                error=live.error("first_name", first_name)
                autocomplete=known("given-name")
                required=true
                autofocus=autofocus
                on:focusout=live.leaving("first_name")
            />
            <Field
                name="last_name"
                label=move || td_string!(locale, common.last_name)
                value=last_name
                error=live.error("last_name", last_name)
                autocomplete=known("family-name")
                required=true
                on:focusout=live.leaving("last_name")
            />
        </div>
    }
}
