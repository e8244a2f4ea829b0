//! The MIME message of an email: headers and two bodies, encoded so that no line end in a value can inject anything.

use std::time::SystemTime;

use lettre::Message;
use lettre::message::header::{
    ContentTransferEncoding, ContentType, Header, HeaderName, HeaderValue,
};
use lettre::message::{Body, Mailbox, MultiPart, SinglePart};
use uuid::Uuid;

use super::OutgoingMail;

/// An error of building a message. The email itself is the cause, so a retry would not help.
#[derive(Debug, thiserror::Error)]
pub(super) enum MessageError {
    #[error("the recipient's address can't be used: {0}")]
    Recipient(#[from] lettre::address::AddressError),
    #[error("the Message-ID can't be used")]
    MessageId,
    #[error("the message can't be made: {0}")]
    Build(#[from] lettre::error::Error),
    #[error("a body can't be encoded")]
    Body,
}

/// Returns the Message-ID of an outbox message. It is the same for every attempt, so that a recipient's server
/// recognizes duplicates.
pub fn message_id(mail: Uuid, host: &str) -> String {
    // A bracketed IP address is not valid at the end of a Message-ID.
    let host: String = host
        .chars()
        .filter(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-'))
        .collect();
    let host = if host.is_empty() { "localhost" } else { &host };
    format!("<{}@{host}>", mail.simple())
}

/// Marks the email as automatic, so that auto-responders do not answer (RFC 3834, 5).
#[derive(Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

pub(super) fn build(mail: &OutgoingMail, from: &Mailbox) -> Result<Message, MessageError> {
    if !is_plain(&mail.message_id) {
        return Err(MessageError::MessageId);
    }
    let recipient = Mailbox::new(None, mail.recipient.parse()?);
    let bodies = MultiPart::alternative()
        .singlepart(part(ContentType::TEXT_PLAIN, &mail.rendered.text)?)
        .singlepart(part(ContentType::TEXT_HTML, &mail.rendered.html)?);
    let message = Message::builder()
        .from(from.clone())
        .to(recipient)
        .subject(one_line(&mail.rendered.subject))
        .message_id(Some(mail.message_id.clone()))
        .date(SystemTime::from(mail.date))
        .header(AutoSubmitted)
        .multipart(bodies)?;
    Ok(message)
}

/// Encodes a body as quoted-printable, whatever it contains.
///
/// A bare CR or LF becomes `=0D` or `=0A` and can end neither a line nor the message (RUSTSEC-2026-0561). The text is
/// passed as a `String`, whose line endings are normalized first.
fn part(kind: ContentType, text: &str) -> Result<SinglePart, MessageError> {
    let body = Body::new_with_encoding(text.to_owned(), ContentTransferEncoding::QuotedPrintable)
        .map_err(|_| MessageError::Body)?;
    Ok(SinglePart::builder().header(kind).body(body))
}

/// Returns the subject as one line. Composed subjects are one line already; this covers structs that were filled by
/// hand.
fn one_line(subject: &str) -> String {
    subject
        .chars()
        .map(|letter| if letter.is_control() { ' ' } else { letter })
        .collect()
}

fn is_plain(message_id: &str) -> bool {
    message_id
        .strip_prefix('<')
        .and_then(|id| id.strip_suffix('>'))
        .and_then(|id| id.split_once('@'))
        .is_some_and(|(left, right)| {
            let plain =
                |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-');
            !left.is_empty()
                && !right.is_empty()
                && left.chars().all(plain)
                && right.chars().all(plain)
        })
}
