//! What `public/import-worker.js` calls: it reads the file, this judges what is in it. A worker has one check at a
//! time. What goes in and out is JSON, of the types in `app::imports::checking`.

use std::cell::RefCell;

use app::imports::checking::{Checking, look};
use wasm_bindgen::prelude::{JsError, wasm_bindgen};

thread_local! {
    static CHECKING: RefCell<Option<Checking>> = const { RefCell::new(None) };
}

/// What can't be read fails: the worker says that it is broken, instead of going on with a guess.
type Answer<T> = Result<T, JsError>;

/// How a file of this many bytes looks by its first ones.
///
/// # Errors
/// `reading` is not JSON of the page's choices.
#[wasm_bindgen]
pub fn import_look(sample: &[u8], size: u64, reading: &str) -> Answer<String> {
    Ok(look(sample, size, serde_json::from_str(reading)?).to_json())
}

/// Begins a check; the one before is over.
///
/// # Errors
/// `choices` is not JSON of a check's choices.
#[wasm_bindgen]
pub fn import_begin(choices: &str, seed: u64) -> Answer<()> {
    console_error_panic_hook::set_once();
    CHECKING.set(Some(Checking::new(serde_json::from_str(choices)?, seed)));
    Ok(())
}

/// Checks the rows of the next bytes. Says whether to go on.
///
/// # Errors
/// No check has begun.
#[wasm_bindgen]
pub fn import_read(bytes: &[u8]) -> Answer<bool> {
    with(|checking| checking.read(bytes))
}

/// How far the check is.
///
/// # Errors
/// No check has begun.
#[wasm_bindgen]
pub fn import_progress(milliseconds: u32) -> Answer<String> {
    with(|checking| checking.progress(false, milliseconds).to_json())
}

/// Checks what is left at the file's end.
///
/// # Errors
/// No check has begun.
#[wasm_bindgen]
pub fn import_finish(milliseconds: u32) -> Answer<String> {
    with(|checking| checking.finish(milliseconds).to_json())
}

/// Does what the page asks.
///
/// # Errors
/// `asked` is not JSON of a question, or no check has begun.
#[wasm_bindgen]
pub fn import_answer(asked: &str) -> Answer<String> {
    let asked = serde_json::from_str(asked)?;
    with(|checking| checking.answer(asked).to_json())
}

/// The rows that need attention, as the text of a file with sentences in this language.
///
/// # Errors
/// `language` is not JSON of a language, or no check has begun.
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
