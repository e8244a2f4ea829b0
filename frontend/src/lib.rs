//! Brings the server's pages to life in the browser, and checks CSV files in a worker; nothing else.

mod import_worker;

use wasm_bindgen::prelude::wasm_bindgen;

/// Called by the page's script once this module has loaded.
#[wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    leptos::mount::hydrate_body(app::app::App);
}
