//! Mails by SMTP. Where the line has to be safe and can't be made so, nothing is sent at all.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use async_trait::async_trait;
use lettre::message::Mailbox;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::transport::smtp::response::Response;
use lettre::transport::smtp::{Error as SmtpError, PoolConfig};
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};

use super::{Delivery, MailTransport, OutgoingMail, message};
use crate::config::{Smtp, SmtpTls};

/// What a server says is shown to an administrator; a page of it is enough.
const LONGEST_RESPONSE: usize = 500;
/// One conversation has about this many steps (greeting, EHLO, STARTTLS, EHLO, AUTH, MAIL, RCPT, DATA, the text), each
/// with its own limit. Together they may take this many times that limit, so that a server that answers just in time,
/// step by step, does not hold a worker for minutes.
const STEPS: u32 = 3;

/// The settings can't be used.
#[derive(Debug, thiserror::Error)]
pub enum SmtpSetupError {
    /// The certificate authority's file.
    #[error("`smtp.ca_file` is {}, which can't be used: {reason}.", file.display())]
    CaFile {
        /// The file.
        file: PathBuf,
        /// Why.
        reason: String,
    },
    /// TLS can't be set up for this name.
    #[error("`smtp.host` can't be used for TLS: {0}.")]
    Tls(SmtpError),
}

/// Sends mails to one server, over a few connections that stay open.
pub struct SmtpTransport {
    inner: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    limit: Duration,
}

impl SmtpTransport {
    /// Sets the connections up; opens none.
    ///
    /// # Errors
    ///
    /// The certificate authority's file or the host's name can't be used.
    pub fn new(smtp: &Smtp) -> Result<Self, SmtpSetupError> {
        let tls = match smtp.tls {
            // "Required": a server that does not offer STARTTLS, or from whose offer somebody on the line has cut
            // it out, is sent nothing.
            SmtpTls::StartTls => Tls::Required(parameters(smtp)?),
            SmtpTls::Tls => Tls::Wrapper(parameters(smtp)?),
            SmtpTls::Off => Tls::None,
        };
        // "Dangerous" is the library's word for setting TLS oneself, which the line above does.
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&smtp.host)
            .port(smtp.port)
            .tls(tls)
            .timeout(Some(smtp.timeout))
            .pool_config(PoolConfig::new().max_size(smtp.pool));
        if let Some((username, password)) = &smtp.credentials {
            builder = builder.credentials(Credentials::new(
                username.clone(),
                password.expose().to_owned(),
            ));
        }
        Ok(Self {
            inner: builder.build(),
            from: smtp.from.clone(),
            limit: smtp.timeout.saturating_mul(STEPS),
        })
    }
}

#[async_trait]
impl MailTransport for SmtpTransport {
    async fn deliver(&self, mail: &OutgoingMail) -> Delivery {
        let message = match message::build(mail, &self.from) {
            Ok(message) => message,
            Err(error) => {
                return Delivery::Refused {
                    response: error.to_string(),
                };
            }
        };
        match tokio::time::timeout(self.limit, self.inner.send(message)).await {
            Ok(Ok(response)) => Delivery::Accepted {
                response: said(&response),
            },
            Ok(Err(error)) => judge(&error),
            Err(_) => Delivery::Transient {
                response: "the mail server was too slow".to_owned(),
            },
        }
    }
}

/// Only a clear "never" about this mail is one. A broken line, a certificate that does not fit, a wrong password of
/// ours: all of that is put right by an operator, and the mail must still go out then.
fn judge(error: &SmtpError) -> Delivery {
    let response = shortened(&error.to_string());
    // 530, 534, 535 and 538 are about our own sign-in (RFC 4954, 6).
    let about_us = error
        .status()
        .is_some_and(|code| matches!(u16::from(code), 530 | 534 | 535 | 538));
    if error.is_permanent() && !about_us {
        Delivery::Refused { response }
    } else {
        Delivery::Transient { response }
    }
}

fn said(response: &Response) -> String {
    let lines: Vec<&str> = response.message().collect();
    shortened(&format!("{} {}", response.code(), lines.join(" ")))
}

fn shortened(text: &str) -> String {
    text.chars()
        .map(|letter| if letter.is_control() { ' ' } else { letter })
        .take(LONGEST_RESPONSE)
        .collect()
}

fn parameters(smtp: &Smtp) -> Result<TlsParameters, SmtpSetupError> {
    let mut builder = TlsParameters::builder(smtp.host.clone());
    if let Some(file) = &smtp.ca_file {
        let unusable = |reason: String| SmtpSetupError::CaFile {
            file: file.clone(),
            reason,
        };
        let pem = fs::read(file).map_err(|error| unusable(error.to_string()))?;
        let certificate =
            Certificate::from_pem(&pem).map_err(|error| unusable(error.to_string()))?;
        builder = builder.add_root_certificate(certificate);
    }
    builder.build().map_err(SmtpSetupError::Tls)
}
