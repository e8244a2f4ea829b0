//! How a mail looks: MJML, compiled once to HTML that mail programs show alike, with places for the values. Values
//! are escaped and filled in afterwards, so that nothing a person typed is ever read as MJML.

use std::collections::HashMap;
use std::sync::LazyLock;

use askama::Template;
use askama::filters::{Html, escape};
use mrml::prelude::render::RenderOptions;

use super::Rendered;
use super::inert;
use super::words::Words;

const LAYOUT: &str = include_str!("../../templates/mail/layout.mjml");
/// Stands on both sides of a place's name.
const MARK: &str = "@@";

/// A template is broken.
#[derive(Debug, Clone, thiserror::Error)]
#[error("a mail's template is broken: {0}")]
pub struct ComposeError(String);

impl ComposeError {
    pub(super) fn new(reason: &str) -> Self {
        Self(reason.to_owned())
    }
}

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
    // Against gaps between columns side by side, which these mails do not have. Spam filters count it as hidden text.
    let html = html
        .replace("font-size:0px;", "")
        .replace("font-size:0;", "");
    Ok(html.split(MARK).map(str::to_owned).collect())
});

/// Everything in it is HTML already.
#[derive(Template)]
#[template(path = "mail/body.html", escape = "none")]
struct Body {
    greeting: String,
    paragraphs: Vec<String>,
    facts: Vec<(String, String)>,
    note_from: String,
    note: Vec<String>,
}

impl Body {
    fn of(mail: &Words) -> Result<Self, ComposeError> {
        let words = &mail.sentences;
        let all = |texts: &[String]| -> Result<Vec<String>, ComposeError> {
            texts.iter().map(|text| inert::html(text)).collect()
        };
        let facts = words.facts.iter();
        Ok(Self {
            greeting: inert::html(&words.greeting)?,
            paragraphs: all(&words.paragraphs)?,
            facts: facts
                .map(|(term, value)| Ok((inert::html(term)?, inert::html(value)?)))
                .collect::<Result<_, ComposeError>>()?,
            note_from: inert::html(words.note_from.as_deref().unwrap_or_default())?,
            note: all(&mail.note)?,
        })
    }
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
    let body = Body::of(mail)?.render().map_err(broken)?;
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
            html.push_str(&match shown(mail, part) {
                Some(text) => inert::html(text)?,
                None => escaped(value(mail, part)?)?,
            });
        }
    }
    Ok(Rendered {
        subject: words.subject.clone(),
        html,
        text,
        language: mail.language,
    })
}

/// What is shown as text.
fn shown<'a>(mail: &'a Words, place: &str) -> Option<&'a str> {
    let words = &mail.sentences;
    Some(match place {
        "heading" => &words.heading,
        "button" => &words.button,
        "address_hint" => &words.address_hint,
        "unexpected" => &words.unexpected,
        "footer" => &words.footer,
        _ => return None,
    })
}

/// What is in an attribute or in the title, and our own address.
fn value<'a>(mail: &'a Words, place: &str) -> Result<&'a str, ComposeError> {
    Ok(match place {
        "language" => mail.language.code(),
        "direction" => mail.direction(),
        "start" => mail.start(),
        "subject" => &mail.sentences.subject,
        "url" => &mail.url,
        unknown => return Err(ComposeError(format!("it has no place called {unknown}"))),
    })
}

fn escaped(value: &str) -> Result<String, ComposeError> {
    escape(value, Html)
        .map(|safe| safe.to_string())
        .map_err(|_| ComposeError("a value can't be escaped".to_owned()))
}
