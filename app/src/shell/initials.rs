//! Initials on the buttons of the top bar.

use leptos::prelude::*;

use crate::ui::{hue_class, initials};

/// Initials that are drawn by the style sheet: as text they would be a part of what the button
/// shows, and who speaks to the computer would have to say them.
#[component]
pub(super) fn Initials(shape: &'static str, name: String, key: String) -> impl IntoView {
    view! {
        <span
            class=format!("{shape} {}", hue_class(&key))
            data-initials=initials(&name)
            aria-hidden="true"
        ></span>
    }
}
