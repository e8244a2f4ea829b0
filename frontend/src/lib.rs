//! Hydrates the pages of members in the browser, and checks CSV files in a worker.

mod import_worker;

use wasm_bindgen::prelude::wasm_bindgen;

/// Hydrates the page. The page's script calls it after this module has loaded.
#[wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    #[cfg(not(feature = "one-module"))]
    leptos::mount::hydrate_body(app::app::MemberApp);
    #[cfg(feature = "one-module")]
    leptos::mount::hydrate_body(app::app::App);
}
