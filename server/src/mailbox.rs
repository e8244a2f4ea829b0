//! The built-in mailbox. It exists only in embedded mode, for callers that `http::mailbox` admits.

use async_trait::async_trait;
use muster::failure::Failure;
use rpc::{
    Caller, Outcome,
    mailbox::{MailRow, Mailbox},
};

use crate::{
    error::{Error, boundary},
    mail::{MailboxStore, OutgoingMail},
    service::Service,
    store::{Store, mailbox},
    time_format::{date_time, zone},
};

#[async_trait]
impl Mailbox for Service {
    async fn mailbox(&self, caller: &Caller) -> Outcome<Vec<MailRow>> {
        boundary("mailbox", async {
            self.mailbox_is_open(caller)?;
            let mut tx = self.store.across().await?;
            let mails = mailbox::newest(&mut tx).await?;
            Ok(mails
                .into_iter()
                .map(|mail| row(mail, caller))
                .collect::<Vec<_>>()
                .into())
        })
        .await
    }

    async fn mail(&self, caller: &Caller, id: i64) -> Outcome<MailRow> {
        boundary("mail", async {
            self.mailbox_is_open(caller)?;
            let mut tx = self.store.across().await?;
            let mail = mailbox::one(&mut tx, id).await?.ok_or(Failure::NotFound)?;
            Ok(row(mail, caller).into())
        })
        .await
    }
}

impl Service {
    fn mailbox_is_open(&self, caller: &Caller) -> Result<(), Error> {
        if self.dev_mailbox && caller.mailbox {
            Ok(())
        } else {
            Err(Failure::NotFound.into())
        }
    }

    /// Returns the HTML part of an email.
    ///
    /// # Errors
    /// Returns `NotFound` if the mailbox is not open to the caller or has no such email.
    pub async fn mail_html(&self, caller: &Caller, id: i64) -> Result<String, Failure> {
        boundary("mail_html", async {
            self.mailbox_is_open(caller)?;
            let mut tx = self.store.across().await?;
            let mail = mailbox::one(&mut tx, id).await?.ok_or(Failure::NotFound)?;
            Ok(mail.html_body)
        })
        .await
    }
}

fn row(mail: mailbox::Mail, caller: &Caller) -> MailRow {
    MailRow {
        id: mail.id,
        to: mail.recipient,
        subject: mail.subject,
        at: date_time(mail.delivered_at, zone("UTC"), caller.language),
        text: mail.text_body,
    }
}

/// Stores the worker's emails in the mailbox.
#[async_trait]
impl MailboxStore for Store {
    async fn keep(
        &self,
        mail: &OutgoingMail,
    ) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        let mut connection = self.pool().acquire().await?;
        mailbox::insert(
            &mut connection,
            &mail.message_id,
            &mail.recipient,
            &mail.rendered.subject,
            &mail.rendered.text,
            &mail.rendered.html,
        )
        .await?;
        Ok(())
    }
}
