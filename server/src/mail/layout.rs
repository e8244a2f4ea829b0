//! How a mail looks: MJML, compiled once to HTML that mail programs show alike, with places for the values. Values
//! are escaped and filled in afterwards, so that nothing a person typed is ever read as MJML.

use std::collections::HashMap;
use std::sync::LazyLock;

use askama::Template;
use askama::filters::{Html, escape};
use mrml::prelude::render::RenderOptions;

use super::Rendered;
use super::words::Words;

const LAYOUT: &str = include_str!("../../templates/mail/layout.mjml");
/// Stands on both sides of a place's name.
const MARK: &str = "@@";

/// A template is broken.
#[derive(Debug, Clone, thiserror::Error)]
#[error("a mail's template is broken: {0}")]
pub struct ComposeError(String);

/// The compiled layout: text and names of places in turn, beginning with text.
static PARTS: LazyLock<Result<Vec<String>, ComposeError>> = LazyLock::new(|| {
    let broken = |error: &dyn std::fmt::Display| ComposeError(error.to_string());
    let layout = mrml::parse(LAYOUT).map_err(|error| broken(&error))?;
    // Without the web fonts that the library knows: reading a mail must tell nobody that it was read.
    let options = RenderOptions {
        fonts: HashMap::new(),
        ..RenderOptions::default()
    };
    let html = layout
        .element
        .render(&options)
        .map_err(|error| broken(&error))?;
    Ok(html.split(MARK).map(str::to_owned).collect())
});

#[derive(Template)]
#[template(path = "mail/body.html")]
struct Body<'a> {
    words: &'a app::mail_words::MailWords,
    note_from: &'a str,
    note: &'a [String],
}

#[derive(Template)]
#[template(path = "mail/plain.txt")]
struct Plain<'a> {
    words: &'a app::mail_words::MailWords,
    note_from: &'a str,
    note: &'a [String],
    url: &'a str,
}

pub(super) fn render(mail: &Words) -> Result<Rendered, ComposeError> {
    let broken = |error: askama::Error| ComposeError(error.to_string());
    let words = &mail.sentences;
    let note_from = words.note_from.as_deref().unwrap_or_default();
    let note = mail.note.as_slice();
    let body = Body {
        words,
        note_from,
        note,
    }
    .render()
    .map_err(broken)?;
    let text = Plain {
        words,
        note_from,
        note,
        url: &mail.url,
    }
    .render()
    .map_err(broken)?;
    let parts = PARTS.as_ref().map_err(Clone::clone)?;
    let mut html = String::with_capacity(16 * 1024);
    for (index, part) in parts.iter().enumerate() {
        if index % 2 == 0 {
            html.push_str(part);
        } else if part == "body" {
            html.push_str(&body);
        } else {
            html.push_str(&escaped(value(mail, part)?)?);
        }
    }
    Ok(Rendered {
        subject: words.subject.clone(),
        html,
        text,
        language: mail.language,
    })
}

fn value<'a>(mail: &'a Words, place: &str) -> Result<&'a str, ComposeError> {
    let words = &mail.sentences;
    Ok(match place {
        "language" => mail.language.code(),
        "direction" => mail.direction(),
        "start" => mail.start(),
        "subject" => &words.subject,
        "preview" => &words.preview,
        "heading" => &words.heading,
        "url" => &mail.url,
        "button" => &words.button,
        "address_hint" => &words.address_hint,
        "unexpected" => &words.unexpected,
        "footer" => &words.footer,
        unknown => return Err(ComposeError(format!("it has no place called {unknown}"))),
    })
}

fn escaped(value: &str) -> Result<String, ComposeError> {
    escape(value, Html)
        .map(|safe| safe.to_string())
        .map_err(|_| ComposeError("a value can't be escaped".to_owned()))
}
