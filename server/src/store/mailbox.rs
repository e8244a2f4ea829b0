//! The built-in mailbox, used if no mail server is configured.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

/// An email in the mailbox.
#[derive(Debug)]
pub struct Mail {
    /// The email's number.
    pub id: i64,
    /// The recipient.
    pub recipient: String,
    /// The subject.
    pub subject: String,
    /// The text part.
    pub text_body: String,
    /// The HTML part.
    pub html_body: String,
    /// When it was delivered.
    pub delivered_at: DateTime<Utc>,
}

/// Returns the newest hundred emails, without their bodies.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn newest(connection: &mut PgConnection) -> Result<Vec<Mail>, sqlx::Error> {
    sqlx::query_as!(
        Mail,
        "SELECT id, recipient, subject, '' AS \"text_body!\", '' AS \"html_body!\", delivered_at
         FROM dev_mailbox ORDER BY id DESC LIMIT 100"
    )
    .fetch_all(connection)
    .await
}

/// Returns an email.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn one(connection: &mut PgConnection, id: i64) -> Result<Option<Mail>, sqlx::Error> {
    sqlx::query_as!(
        Mail,
        "SELECT id, recipient, subject, text_body, html_body, delivered_at FROM dev_mailbox WHERE id = $1",
        id
    )
    .fetch_optional(connection)
    .await
}

/// Stores an email.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn insert(
    connection: &mut PgConnection,
    message_id: &str,
    recipient: &str,
    subject: &str,
    text: &str,
    html: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "INSERT INTO dev_mailbox (message_id, recipient, subject, text_body, html_body) VALUES ($1, $2, $3, $4, $5)",
        message_id,
        recipient,
        subject,
        text,
        html
    )
    .execute(connection)
    .await?;
    Ok(())
}
