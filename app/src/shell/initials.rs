//! The initials on the buttons of the top bar.

use leptos::prelude::*;

use crate::ui::{hue_class, initials};

/// Initials drawn by the style sheet. As text they would be part of the button's visible label, which users of speech
/// input would have to say.
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
