//! The layout of emails: MJML, compiled once to HTML that mail programs show alike, with placeholders. Values are
//! escaped and inserted afterwards, so that no typed text is ever parsed as MJML.

use std::borrow::Cow;
use std::collections::HashMap;
use std::error::Error;
use std::sync::{Arc, LazyLock};

use askama::Template;
use askama::filters::{Html, escape};
use mrml::prelude::render::RenderOptions;

use super::Rendered;
use super::inert;
use super::words::Words;

const LAYOUT: &str = include_str!("../../templates/mail/layout.mjml");
/// Delimits the name of a placeholder on both sides.
const MARK: &str = "@@";

/// An invalid template.
#[derive(Debug, Clone, thiserror::Error)]
#[error("a template of emails is invalid: {context}")]
pub struct ComposeError {
    context: Cow<'static, str>,
    #[source]
    source: Option<Arc<dyn Error + Send + Sync>>,
}

impl ComposeError {
    pub(super) fn new(context: impl Into<Cow<'static, str>>) -> Self {
        Self {
            context: context.into(),
            source: None,
        }
    }

    fn caused_by(context: &'static str, source: impl Error + Send + Sync + 'static) -> Self {
        Self {
            context: context.into(),
            source: Some(Arc::new(source)),
        }
    }
}

/// The compiled layout: text and names of placeholders alternately, beginning with text.
static PARTS: LazyLock<Result<Vec<String>, ComposeError>> = LazyLock::new(|| {
    let layout = mrml::parse(LAYOUT)
        .map_err(|error| ComposeError::caused_by("the layout can't be parsed", error))?;
    // Without the library's web fonts: loading them would reveal that an email was read.
    let options = RenderOptions {
        fonts: HashMap::new(),
        ..RenderOptions::default()
    };
    let html = layout
        .element
        .render(&options)
        .map_err(|error| ComposeError::caused_by("the layout can't be rendered", error))?;
    // These sizes prevent gaps between adjacent columns, which these emails do not have. Spam filters take them for
    // hidden text.
    let html = html
        .replace("font-size:0px;", "")
        .replace("font-size:0;", "");
    Ok(html.split(MARK).map(str::to_owned).collect())
});

/// All fields are HTML.
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
    words: &'a i18n::mail::MailWords,
    note_from: &'a str,
    note: &'a [String],
    url: &'a str,
}

pub(super) fn render(mail: &Words) -> Result<Rendered, ComposeError> {
    let invalid = |error| ComposeError::caused_by("a part can't be rendered", error);
    let words = &mail.sentences;
    let note_from = words.note_from.as_deref().unwrap_or_default();
    let note = mail.note.as_slice();
    let body = Body::of(mail)?.render().map_err(invalid)?;
    let text = Plain {
        words,
        note_from,
        note,
        url: &mail.url,
    }
    .render()
    .map_err(invalid)?;
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

/// Returns the value of a placeholder that is shown as text.
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

/// Returns the value of a placeholder in an attribute or the title, or the button's URL.
fn value<'a>(mail: &'a Words, place: &str) -> Result<&'a str, ComposeError> {
    Ok(match place {
        "language" => mail.language.code(),
        "direction" => mail.direction(),
        "start" => mail.start(),
        "subject" => &mail.sentences.subject,
        "url" => &mail.url,
        unknown => {
            return Err(ComposeError::new(format!(
                "the layout has an unknown placeholder {unknown}"
            )));
        }
    })
}

fn escaped(value: &str) -> Result<String, ComposeError> {
    escape(value, Html)
        .map(|safe| safe.to_string())
        .map_err(|_| ComposeError::new("a value can't be escaped"))
}
