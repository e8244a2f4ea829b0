//! The interface of mail transports and the outcomes of a delivery. To add a transport, implement [`MailTransport`].

use async_trait::async_trait;

use super::OutgoingMail;

/// The outcome of an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Delivery {
    /// The server has accepted responsibility for the message.
    Accepted {
        /// The server's response.
        response: String,
    },
    /// A temporary failure: retry later with the same Message-ID. The server may have accepted the message anyway.
    Transient {
        /// The server's response, or the error.
        response: String,
    },
    /// A permanent failure: this message will never be accepted.
    Refused {
        /// The server's response.
        response: String,
    },
    /// The mail server does not let Muster send. The recipient is not the cause, and an operator can fix it.
    Blocked(Blocked),
}

/// An objection of the mail server to Muster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blocked {
    /// The subject of the objection.
    pub cause: Cause,
    /// Whether it applies to every message. False if it may concern only this message.
    pub certain: bool,
    /// The server's response.
    pub response: String,
}

/// The subject of an objection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// No connection, or it breaks before anything is sent.
    Connection,
    /// The connection can't be encrypted.
    Tls,
    /// The name in EHLO, or the client as such.
    Greeting,
    /// The username and password, or their absence.
    Authentication,
    /// The sender address.
    Sender,
    /// Relaying: the server does not accept email for other servers.
    Relay,
    /// A policy on the whole message: a block list, a quota, its content.
    Policy,
}

impl Cause {
    const ALL: [Self; 7] = [
        Self::Connection,
        Self::Tls,
        Self::Greeting,
        Self::Authentication,
        Self::Sender,
        Self::Relay,
        Self::Policy,
    ];

    /// Returns the code in the database and the log.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Connection => "connection",
            Self::Tls => "tls",
            Self::Greeting => "greeting",
            Self::Authentication => "authentication",
            Self::Sender => "sender",
            Self::Relay => "relay",
            Self::Policy => "policy",
        }
    }

    /// Returns the cause with this code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|cause| cause.code() == code)
    }

    /// Returns what the operator should check.
    #[must_use]
    pub const fn advice(self) -> &'static str {
        match self {
            Self::Connection => {
                "The mail server can't be reached or is not available. Check smtp.host, smtp.port and the network."
            }
            Self::Tls => {
                "The connection can't be encrypted. Check smtp.tls, smtp.ca_file and the mail server's certificate."
            }
            Self::Greeting => {
                "The mail server rejects the name in EHLO or this client. Check smtp.ehlo_name: a full host name that resolves to this machine."
            }
            Self::Authentication => {
                "The mail server rejects the sign-in. Check smtp.username and smtp.password."
            }
            Self::Sender => {
                "The mail server rejects the sender. Check smtp.from: an address that this account may send as, verified at the provider."
            }
            Self::Relay => {
                "The mail server does not relay for this client. Allow this client to relay, or set smtp.username and smtp.password."
            }
            Self::Policy => {
                "The mail server rejects messages because of a policy. Check its answer: a block list, a sending quota, SPF or DKIM of smtp.from."
            }
        }
    }
}

/// A way to deliver emails.
#[async_trait]
pub trait MailTransport: Send + Sync {
    /// Makes one attempt.
    async fn deliver(&self, mail: &OutgoingMail) -> Delivery;
}
