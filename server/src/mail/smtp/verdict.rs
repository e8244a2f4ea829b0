//! Determines whether a negative answer of a mail server concerns the recipient, this message, or Muster.
//!
//! The stage decides first: nothing before RCPT depends on the recipient. From RCPT on the enhanced status code (RFC
//! 3463) decides, then the words: many servers (Postfix by default) report an objection to EHLO, the client or the
//! sender only in answer to RCPT, some of them without a code.

use super::super::transport::{Blocked, Cause, Delivery};

/// The step of the SMTP session that was answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// Opening the connection.
    Connect,
    /// Switching to TLS.
    Tls,
    /// The greeting and EHLO.
    Greeting,
    /// AUTH.
    Authentication,
    /// MAIL FROM.
    Sender,
    /// RCPT TO.
    Recipient,
    /// DATA and the message.
    Message,
}

/// A negative answer.
#[derive(Debug, Clone, Copy)]
pub(super) struct Answer<'a> {
    /// The reply code. `None` if the connection broke.
    pub(super) code: Option<u16>,
    /// The text after the code.
    pub(super) text: &'a str,
}

/// Judges a negative answer. `response` is the text to keep.
pub(super) fn judge(stage: Stage, answer: Answer<'_>, response: String) -> Delivery {
    let always = |cause| {
        Delivery::Blocked(Blocked {
            cause,
            certain: true,
            response: response.clone(),
        })
    };
    match stage {
        Stage::Connect => return always(Cause::Connection),
        Stage::Tls => return always(Cause::Tls),
        Stage::Authentication => return always(Cause::Authentication),
        Stage::Greeting | Stage::Sender => {
            let usual = if stage == Stage::Sender {
                Cause::Sender
            } else {
                Cause::Greeting
            };
            return always(match answer.code {
                Some(530 | 534 | 535 | 538) => Cause::Authentication,
                // The server is closing, full or too busy.
                None | Some(..500) => objection(answer.text).unwrap_or(Cause::Connection),
                Some(_) => objection(answer.text).unwrap_or(usual),
            });
        }
        Stage::Recipient | Stage::Message => {}
    }
    let Some(code) = answer.code else {
        // The connection broke. After DATA the server may have accepted the message.
        return Delivery::Transient { response };
    };
    // AUTH or STARTTLS is required (RFC 4954, 6; RFC 3207, 4).
    if matches!(code, 530 | 534 | 535 | 538) {
        return always(Cause::Authentication);
    }
    match whose(stage, code, answer.text) {
        Whose::Recipient if code < 500 => Delivery::Transient { response },
        Whose::Recipient => Delivery::Refused { response },
        Whose::Ours(cause) => Delivery::Blocked(Blocked {
            cause,
            certain: code == 504,
            response,
        }),
    }
}

enum Whose {
    Recipient,
    Ours(Cause),
}

/// Returns whom an answer to RCPT or to the message concerns.
fn whose(stage: Stage, code: u16, text: &str) -> Whose {
    let ours = |usual| Whose::Ours(objection(text).unwrap_or(usual));
    let status = enhanced(text);
    if code < 500 {
        // Nearly always greylisting or a full mailbox, which is temporary.
        return match (status, objection(text)) {
            (Some((1, 7 | 8)), _) => Whose::Ours(Cause::Sender),
            (
                _,
                Some(
                    cause
                    @ (Cause::Relay | Cause::Greeting | Cause::Sender | Cause::Authentication),
                ),
            ) => Whose::Ours(cause),
            _ => Whose::Recipient,
        };
    }
    match status {
        // "Bad sender's mailbox address", "bad sender's system address".
        Some((1, 7 | 8)) => Whose::Ours(Cause::Sender),
        // "Other address status", "bad destination system": also used for senders and relaying.
        Some((1, 0 | 2)) => objection(text).map_or(Whose::Recipient, Whose::Ours),
        // The mailbox, a message that is too long, its media type.
        Some((1 | 2 | 6, _) | (3, 4)) => Whose::Recipient,
        // Some providers use 5.4.1 and 5.5.0 for unknown recipients; 5.4.5 is a sending quota.
        Some((4, 1) | (5, 0)) if stage == Stage::Recipient => {
            objection(text).map_or(Whose::Recipient, Whose::Ours)
        }
        Some(_) => ours(Cause::Policy),
        None => match (stage, code) {
            (_, 500 | 502 | 503 | 504) => ours(Cause::Greeting),
            (Stage::Recipient, 501 | 521 | 550..=553 | 556) | (Stage::Message, 552) => {
                objection(text).map_or(Whose::Recipient, Whose::Ours)
            }
            _ => ours(Cause::Policy),
        },
    }
}

/// Returns the subject and the detail of an enhanced status code.
fn enhanced(text: &str) -> Option<(u16, u16)> {
    let first = text.split_whitespace().next()?;
    let mut parts = first.split('.');
    let class = parts.next()?;
    let subject = parts.next()?.parse().ok()?;
    let detail = parts.next()?.parse().ok()?;
    (matches!(class, "2" | "4" | "5") && parts.next().is_none()).then_some((subject, detail))
}

/// Determines the objection from the words. Addresses are removed first: many answers quote the recipient's, and the
/// name of a mailbox must not decide what an answer means.
fn objection(text: &str) -> Option<Cause> {
    let words: String = text
        .to_lowercase()
        .split_whitespace()
        .filter(|word| !word.contains('@') && !word.starts_with('<'))
        .collect::<Vec<_>>()
        .join(" ");
    let says = |any: &[&str]| any.iter().any(|part| words.contains(part));
    if says(&["relay"]) {
        Some(Cause::Relay)
    } else if says(&["helo", "ehlo"]) {
        Some(Cause::Greeting)
    } else if says(&[
        "authentication required",
        "authenticate",
        "not logged in",
        "starttls",
    ]) && !says(&["unauthenticated"])
    {
        Some(Cause::Authentication)
    } else if says(&["client host", "client address"]) {
        Some(Cause::Greeting)
    } else if says(&["sender", "not verified", "unverified", "send as"]) && !says(&["recipient"]) {
        Some(Cause::Sender)
    } else if says(&[
        "block list",
        "blocklist",
        "blacklist",
        "blocked",
        "dnsbl",
        "reputation",
        "spam",
        "policy",
        "quota exceeded for",
    ]) {
        Some(Cause::Policy)
    } else {
        None
    }
}
