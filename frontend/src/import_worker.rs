//! What `public/import-worker.js` calls: it reads the file, this judges what is in it. A worker has one check at a
//! time. What goes in and out is JSON, of the types in `app::imports::checking`.

use std::cell::RefCell;

use app::imports::checking::{Checking, look};
use muster::language::Language;
use wasm_bindgen::prelude::wasm_bindgen;

thread_local! {
    static CHECKING: RefCell<Option<Checking>> = const { RefCell::new(None) };
}

/// How a file of this many bytes looks by its first ones.
#[wasm_bindgen]
pub fn import_look(sample: &[u8], size: u64, reading: &str) -> String {
    look(
        sample,
        size,
        serde_json::from_str(reading).unwrap_or_default(),
    )
    .to_json()
}

/// Begins a check; the one before is over.
#[wasm_bindgen]
pub fn import_begin(choices: &str, seed: u64) {
    console_error_panic_hook::set_once();
    let begun = serde_json::from_str(choices).map(|choices| Checking::new(choices, seed));
    CHECKING.set(begun.ok());
}

/// Checks the rows of the next bytes. Says whether to go on.
#[wasm_bindgen]
pub fn import_read(bytes: &[u8]) -> bool {
    with(|checking| checking.read(bytes)).unwrap_or_default()
}

/// How far the check is.
#[wasm_bindgen]
pub fn import_progress(milliseconds: u32) -> String {
    with(|checking| checking.progress(false, milliseconds).to_json()).unwrap_or_default()
}

/// Checks what is left at the file's end.
#[wasm_bindgen]
pub fn import_finish(milliseconds: u32) -> String {
    with(|checking| checking.finish(milliseconds).to_json()).unwrap_or_default()
}

/// Does what the page asks.
#[wasm_bindgen]
pub fn import_answer(asked: &str) -> String {
    let Ok(asked) = serde_json::from_str(asked) else {
        return String::new();
    };
    with(|checking| checking.answer(asked).to_json()).unwrap_or_default()
}

/// The rows that need attention, as the text of a file with words in this language.
#[wasm_bindgen]
pub fn import_saved(language: &str) -> String {
    with(|checking| checking.saved(language.parse().unwrap_or(Language::En))).unwrap_or_default()
}

fn with<T>(run: impl FnOnce(&mut Checking) -> T) -> Option<T> {
    CHECKING.with_borrow_mut(|checking| checking.as_mut().map(run))
}
