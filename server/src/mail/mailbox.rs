//! The built-in mailbox, where mails end while Muster is being tried out: they are stored, and a page shows them.

use std::error::Error;
use std::sync::Arc;

use async_trait::async_trait;

use super::{Delivery, MailTransport, OutgoingMail};

/// Where the built-in mailbox keeps its mails.
#[async_trait]
pub trait MailboxStore: Send + Sync {
    /// Keeps one; a second try with the same Message-ID may replace the first.
    ///
    /// # Errors
    ///
    /// It could not be stored.
    async fn keep(&self, mail: &OutgoingMail) -> Result<(), Box<dyn Error + Send + Sync>>;
}

/// Stores mails instead of sending them.
pub struct MailboxTransport {
    store: Arc<dyn MailboxStore>,
}

impl MailboxTransport {
    /// Keeps mails in this store.
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
