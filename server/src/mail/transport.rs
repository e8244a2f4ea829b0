//! What a way out must be able to do, and what can come of it. To add one: a type that implements [`MailTransport`].

use async_trait::async_trait;

use super::OutgoingMail;

/// What became of one try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Delivery {
    /// The other side has taken responsibility for it.
    Accepted {
        /// What it said.
        response: String,
    },
    /// Not now: try again later, with the same Message-ID. The other side may have it all the same.
    Transient {
        /// What it said, or what broke.
        response: String,
    },
    /// Never: this mail will not be taken.
    Refused {
        /// What it said.
        response: String,
    },
    /// The mail server does not let us send. That is not the recipient's fault, and an operator can fix it.
    Blocked(Blocked),
}

/// Why the mail server does not let us send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blocked {
    /// What the mail server objects to.
    pub cause: Cause,
    /// Whether every message meets the same objection. False if it may be about this message alone.
    pub certain: bool,
    /// What it said.
    pub response: String,
}

/// What the mail server objects to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// No connection, or it breaks before anything is sent.
    Connection,
    /// The line can't be encrypted.
    Tls,
    /// Our name in EHLO, or our client altogether.
    Greeting,
    /// Our user name and password, or that we have none.
    Authentication,
    /// Our sender address.
    Sender,
    /// It does not accept mail for other servers from us.
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

    /// The name under which it is stored and logged.
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

    /// The cause with this name.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|cause| cause.code() == code)
    }

    /// What an operator should check.
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

/// A way out for mails.
#[async_trait]
pub trait MailTransport: Send + Sync {
    /// Tries once.
    async fn deliver(&self, mail: &OutgoingMail) -> Delivery;
}
