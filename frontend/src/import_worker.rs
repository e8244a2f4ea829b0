//! The functions that `public/import-worker.js` calls: the script reads the file, these functions check it. A worker
//! has one check at a time. Arguments and results are JSON of the types in `app::imports::checking`.

use std::cell::RefCell;

use app::imports::checking::{Checking, look};
use wasm_bindgen::prelude::{JsError, wasm_bindgen};

thread_local! {
    static CHECKING: RefCell<Option<Checking>> = const { RefCell::new(None) };
}

/// A result for the script. Undecodable input is an error: the worker reports it as broken instead of guessing.
type Answer<T> = Result<T, JsError>;

/// Returns the preview of a file of `size` bytes from its first bytes.
///
/// # Errors
/// Fails if `reading` is not valid JSON of the page's choices.
#[wasm_bindgen]
pub fn import_look(sample: &[u8], size: u64, reading: &str) -> Answer<String> {
    Ok(look(sample, size, serde_json::from_str(reading)?).to_json())
}

/// Begins a check and discards the previous one.
///
/// # Errors
/// Fails if `choices` is not valid JSON of a check's choices.
#[wasm_bindgen]
pub fn import_begin(choices: &str, seed: u64) -> Answer<()> {
    console_error_panic_hook::set_once();
    CHECKING.set(Some(Checking::new(serde_json::from_str(choices)?, seed)));
    Ok(())
}

/// Checks the rows of the next bytes and returns whether to continue.
///
/// # Errors
/// Fails if no check has begun.
#[wasm_bindgen]
pub fn import_read(bytes: &[u8]) -> Answer<bool> {
    with(|checking| checking.read(bytes))
}

/// Returns the progress of the check.
///
/// # Errors
/// Fails if no check has begun.
#[wasm_bindgen]
pub fn import_progress(milliseconds: u32) -> Answer<String> {
    with(|checking| checking.progress(false, milliseconds).to_json())
}

/// Checks the rest at the end of the file.
///
/// # Errors
/// Fails if no check has begun.
#[wasm_bindgen]
pub fn import_finish(milliseconds: u32) -> Answer<String> {
    with(|checking| checking.finish(milliseconds).to_json())
}

/// Answers a request of the page.
///
/// # Errors
/// Fails if `asked` is not valid JSON of a request, or if no check has begun.
#[wasm_bindgen]
pub fn import_answer(asked: &str) -> Answer<String> {
    let asked = serde_json::from_str(asked)?;
    with(|checking| checking.answer(asked).to_json())
}

/// Returns the rows that need attention as the text of a file, with sentences in this language.
///
/// # Errors
/// Fails if `language` is not valid JSON of a language, or if no check has begun.
#[wasm_bindgen]
pub fn import_saved(language: &str) -> Answer<String> {
    let language = serde_json::from_str(language)?;
    with(|checking| checking.saved(language))
}

fn with<T>(run: impl FnOnce(&mut Checking) -> T) -> Answer<T> {
    CHECKING
        .with_borrow_mut(|checking| checking.as_mut().map(run))
        .ok_or_else(|| JsError::new("no check has begun"))
}
