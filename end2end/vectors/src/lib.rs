//! The rules compiled for a browser's JavaScript, for one test: `wasm-vectors.test.mjs` runs the shared vectors through
//! them in Chromium. This is not part of the product.

use muster::{email::EmailAddress, username};
use wasm_bindgen::prelude::wasm_bindgen;

/// Returns the codes of every rule that the username violates, joined by `;`.
#[wasm_bindgen]
pub fn username_codes(first_name: &str, last_name: &str, username: &str) -> String {
    let violations = username::violations(username, first_name, last_name);
    violations
        .iter()
        .map(username::UsernameViolation::code)
        .collect::<Vec<_>>()
        .join(";")
}

/// Returns the address's canonical form and a comma; or a comma and the code of the problem.
#[wasm_bindgen]
pub fn email_verdict(raw: &str) -> String {
    match EmailAddress::parse(raw) {
        Ok(email) => format!("{},", email.as_str()),
        Err(violation) => format!(",{}", violation.code()),
    }
}
