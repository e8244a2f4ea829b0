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
}

/// A way out for mails.
#[async_trait]
pub trait MailTransport: Send + Sync {
    /// Tries once.
    async fn deliver(&self, mail: &OutgoingMail) -> Delivery;
}
