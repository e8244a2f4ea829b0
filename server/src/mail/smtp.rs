//! Email by SMTP. If the configured TLS cannot be established, nothing is sent.

mod connection;
mod verdict;

use std::fs;
use std::net::IpAddr;
use std::path::PathBuf;

use async_trait::async_trait;
use lettre::message::Mailbox;
use lettre::transport::smtp::Error as SmtpError;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::transport::smtp::response::Response;

use self::connection::{Connections, Failed, Line, Server, Why, text_of};
use self::verdict::{Answer, Stage, judge};
use super::{Delivery, MailTransport, OutgoingMail, message};
use crate::config::{Smtp, SmtpTls};

/// The number of characters kept of a response, which administrators see.
const LONGEST_RESPONSE: usize = 500;
/// An error of the SMTP settings.
#[derive(Debug, thiserror::Error)]
pub enum SmtpSetupError {
    /// The certificate authority's file can't be used.
    #[error("`smtp.ca_file` is {}, which can't be used: {reason}.", file.display())]
    CaFile {
        /// The file.
        file: PathBuf,
        /// The reason.
        reason: String,
    },
    /// TLS can't be configured for this host name.
    #[error("`smtp.host` can't be used for TLS: {0}.")]
    Tls(SmtpError),
}

/// Sends emails to one server, over a few connections that stay open.
pub struct SmtpTransport {
    connections: Connections,
    from: Mailbox,
}

impl SmtpTransport {
    /// Configures the transport without opening a connection.
    ///
    /// # Errors
    ///
    /// Returns an error if the certificate authority's file or the host name can't be used.
    pub fn new(smtp: &Smtp) -> Result<Self, SmtpSetupError> {
        let line = match smtp.tls {
            // Nothing is sent to a server that does not offer STARTTLS, or whose offer an attacker has removed.
            SmtpTls::StartTls => Line::StartTls(parameters(smtp)?),
            SmtpTls::Tls => Line::Tls(parameters(smtp)?),
            SmtpTls::Off => Line::Open,
        };
        let credentials = smtp.credentials.as_ref().map(|(username, password)| {
            Credentials::new(username.clone(), password.expose().to_owned())
        });
        let server = Server {
            host: smtp.host.clone(),
            port: smtp.port,
            line,
            credentials,
            ehlo_name: client_id(&smtp.ehlo_name),
            timeout: smtp.timeout,
        };
        Ok(Self {
            connections: Connections::new(server, smtp.pool),
            from: smtp.from.clone(),
        })
    }
}

/// Returns the name for EHLO. An IP address becomes a literal (RFC 5321, 4.1.3).
fn client_id(name: &str) -> ClientId {
    match name.trim_matches(['[', ']']).parse::<IpAddr>() {
        Ok(IpAddr::V4(address)) => ClientId::Ipv4(address),
        Ok(IpAddr::V6(address)) => ClientId::Ipv6(address),
        Err(_) => ClientId::Domain(name.to_owned()),
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
        match Box::pin(self.connections.send(&message)).await {
            Ok(response) => Delivery::Accepted {
                response: said(&response),
            },
            Err(failed) => verdict_of(&failed),
        }
    }
}

/// Converts a failure to a delivery.
///
/// Only a definite refusal of this recipient is final. An operator can fix a broken connection, an invalid certificate
/// or a wrong password, and then the email must still be sent.
fn verdict_of(failed: &Failed) -> Delivery {
    match &failed.why {
        Why::TooSlow => too_slow(failed.stage),
        Why::Smtp(error) => {
            let text = text_of(error);
            let answer = Answer {
                code: error.status().map(u16::from),
                text: &text,
            };
            judge(failed.stage, answer, shortened(&error.to_string()))
        }
    }
}

fn too_slow(stage: Stage) -> Delivery {
    let answer = Answer {
        code: None,
        text: "",
    };
    judge(stage, answer, "the mail server was too slow".to_owned())
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
