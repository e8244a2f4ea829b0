//! The rules as a browser's JavaScript can call them, for one test: `wasm-vectors.test.mjs` runs the shared
//! vectors through them in Chromium. Nothing of this is shipped.

use muster::{email::EmailAddress, username};
use wasm_bindgen::prelude::wasm_bindgen;

/// The codes of every rule that the username violates, joined by `;`.
#[wasm_bindgen]
pub fn username_codes(first_name: &str, last_name: &str, username: &str) -> String {
    let violations = username::violations(username, first_name, last_name);
    violations
        .iter()
        .map(username::UsernameViolation::code)
        .collect::<Vec<_>>()
        .join(";")
}

/// The address's canonical form, a comma and nothing; or nothing, a comma and the code of what is wrong.
#[wasm_bindgen]
pub fn email_verdict(raw: &str) -> String {
    match EmailAddress::parse(raw) {
        Ok(email) => format!("{},", email.as_str()),
        Err(violation) => format!(",{}", violation.code()),
    }
}
