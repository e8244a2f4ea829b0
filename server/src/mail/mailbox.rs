//! The transport to the built-in mailbox, for evaluation: emails are stored, and a page shows them.

use std::error::Error;
use std::sync::Arc;

use async_trait::async_trait;

use super::{Delivery, MailTransport, OutgoingMail};

/// The storage of the built-in mailbox.
#[async_trait]
pub trait MailboxStore: Send + Sync {
    /// Stores an email. Another attempt with the same Message-ID may replace the first one.
    ///
    /// # Errors
    ///
    /// Returns an error if it could not be stored.
    async fn keep(&self, mail: &OutgoingMail) -> Result<(), Box<dyn Error + Send + Sync>>;
}

/// Stores emails instead of sending them.
pub struct MailboxTransport {
    store: Arc<dyn MailboxStore>,
}

impl MailboxTransport {
    /// Creates a transport to this store.
    pub fn new(store: Arc<dyn MailboxStore>) -> Self {
        Self { store }
    }
}

#[async_trait]
impl MailTransport for MailboxTransport {
    async fn deliver(&self, mail: &OutgoingMail) -> Delivery {
        match self.store.keep(mail).await {
            Ok(()) => Delivery::Accepted {
                response: "stored in the built-in mailbox".to_owned(),
            },
            Err(error) => Delivery::Transient {
                response: error.to_string(),
            },
        }
    }
}
