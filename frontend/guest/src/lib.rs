//! Hydrates the pages of people who are signed out. Invited people load this module on their phones, so it has the code
//! of these pages only (`docs/decisions/0010-a-module-for-guests.md`).

use wasm_bindgen::prelude::wasm_bindgen;

/// Hydrates the page. The page's script calls it after this module has loaded.
#[wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    leptos::mount::hydrate_body(app::app::GuestApp);
}
