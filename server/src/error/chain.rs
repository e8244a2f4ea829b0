//! Errors as text for the log: with all causes, without the values that people typed or stored.

use std::{
    error::Error as StdError,
    fmt::{self, Display, Formatter},
    iter,
};

use super::Error;

/// Displays an error and its causes, joined by ": ".
///
/// A cause whose text is part of the text before it is left out: many libraries repeat the text of their source. Values
/// that Postgres and JSON decoding quote are replaced by an ellipsis, because they may be personal data or secrets.
#[must_use]
pub fn chain(error: &(dyn StdError + 'static)) -> impl Display {
    ErrorChain(error)
}

struct ErrorChain<'a>(&'a (dyn StdError + 'static));

impl Display for ErrorChain<'_> {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        let mut shown = String::new();
        for cause in causes(self.0) {
            let text = text_of(cause);
            if shown.contains(&text) {
                continue;
            }
            if !shown.is_empty() {
                shown.push_str(": ");
            }
            shown.push_str(&text);
        }
        formatter.write_str(&shown)
    }
}

/// Returns the error and its causes, outermost first.
pub(super) fn causes<'a>(
    error: &'a (dyn StdError + 'static),
) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    iter::successors(Some(plain(error)), |&error| {
        // Its source has the same text, with the values that it quotes.
        let is_database_error = matches!(error.downcast_ref(), Some(sqlx::Error::Database(_)));
        if is_database_error {
            None
        } else {
            error.source().map(plain)
        }
    })
}

/// Returns the error of the database inside our own transparent variant, whose `source` skips it.
fn plain<'a>(error: &'a (dyn StdError + 'static)) -> &'a (dyn StdError + 'static) {
    match error.downcast_ref() {
        Some(Error::Database(error)) => error,
        _ => error,
    }
}

fn text_of(error: &(dyn StdError + 'static)) -> String {
    if let Some(error) = error.downcast_ref::<serde_json::Error>() {
        return json_text(&error.to_string());
    }
    match error.downcast_ref() {
        // "Invalid input syntax" and other data exceptions quote the value.
        Some(sqlx::Error::Database(error))
            if error.code().is_some_and(|code| code.starts_with("22")) =>
        {
            format!(
                "error returned from database: {}",
                before_quote(error.message())
            )
        }
        // The source, which follows, may quote the value.
        Some(sqlx::Error::ColumnDecode { index, .. }) => {
            format!("column {index} could not be decoded")
        }
        Some(sqlx::Error::Decode(_)) => "a value could not be decoded".to_owned(),
        Some(sqlx::Error::Encode(_)) => "a value could not be encoded".to_owned(),
        _ => error.to_string(),
    }
}

/// Returns the message of a JSON error without the value that it quotes.
fn json_text(message: &str) -> String {
    // It names a field of ours.
    if message.starts_with("missing field") {
        return message.to_owned();
    }
    let start = before_quote(message);
    let expected = message.rfind(", expected").unwrap_or(message.len());
    match message.get(expected.max(start.len())..) {
        Some(end) if start.ends_with('…') => format!("{start}{end}"),
        _ => start,
    }
}

/// Returns the message up to the first quotation mark.
fn before_quote(message: &str) -> String {
    match message.find(['"', '`', '\'']) {
        Some(at) => format!("{}…", &message[..at]),
        None => message.to_owned(),
    }
}
