//! Brings the server's pages to life in the browser, and nothing else.

use wasm_bindgen::prelude::wasm_bindgen;

/// Called by the page's script once this module has loaded.
#[wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    leptos::mount::hydrate_body(app::app::App);
}
