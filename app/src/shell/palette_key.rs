//! Whether the single key `/` opens the search. A key alone can get in the way of who speaks to the machine or
//! brushes against keys (WCAG 2.2, 2.1.4), so it can be switched off; this browser remembers that.

use leptos::prelude::*;

use crate::{i18n::*, language::use_locale};

/// The entry in the browser's storage, there while the key is off.
const OFF: &str = "muster-slash-off";

fn storage() -> Option<web_sys::Storage> {
    // Refused where a browser keeps nothing: then the key is on.
    window().local_storage().ok().flatten()
}

/// The key's switch.
#[derive(Clone, Copy)]
pub struct SlashKey(RwSignal<bool>);

impl SlashKey {
    /// On, until the living page knows better.
    pub fn new() -> Self {
        let on = RwSignal::new(true);
        Effect::new(move |_| {
            let off = storage().and_then(|kept| kept.get_item(OFF).ok().flatten());
            on.set(off.is_none());
        });
        Self(on)
    }

    /// Whether the key opens the search.
    pub fn is_on(self) -> bool {
        self.0.get()
    }

    fn switch(self, on: bool) {
        self.0.set(on);
        if let Some(kept) = storage() {
            // What can't be kept holds for this page.
            let _ = if on {
                kept.remove_item(OFF)
            } else {
                kept.set_item(OFF, "1")
            };
        }
    }
}

/// The switch, for the palette's foot.
#[component]
pub fn SlashSwitch(slash: SlashKey) -> impl IntoView {
    let locale = use_locale();
    view! {
        <label class="slash">
            <input
                type="checkbox"
                prop:checked=move || slash.is_on()
                on:change=move |event| slash.switch(event_target_checked(&event))
            />
            <kbd>"/"</kbd>
            {td!(locale, home.search_keys_slash)}
        </label>
    }
}
