//! The setting whether the key `/` opens the search. Single-key shortcuts can conflict with speech input and accidental
//! key presses (WCAG 2.2, 2.1.4), so it can be turned off. The browser stores the setting.

use i18n::*;
use leptos::prelude::*;

/// The entry in the browser's storage, present while the key is off.
const OFF: &str = "muster-slash-off";

fn storage() -> Option<web_sys::Storage> {
    // If the browser denies storage, the key is on.
    window().local_storage().ok().flatten()
}

/// The setting.
#[derive(Clone, Copy)]
pub struct SlashKey(RwSignal<bool>);

impl SlashKey {
    /// Creates the setting: on until the hydrated page reads the storage.
    pub fn new() -> Self {
        let on = RwSignal::new(true);
        Effect::new(move |_| {
            let off = storage().and_then(|kept| kept.get_item(OFF).ok().flatten());
            on.set(off.is_none());
        });
        Self(on)
    }

    /// Returns whether the key opens the search.
    pub fn is_on(self) -> bool {
        self.0.get()
    }

    fn switch(self, on: bool) {
        self.0.set(on);
        if let Some(kept) = storage() {
            // If it can't be stored, the setting applies to this page.
            let _ = if on {
                kept.remove_item(OFF)
            } else {
                kept.set_item(OFF, "1")
            };
        }
    }
}

/// The switch in the footer of the palette.
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
