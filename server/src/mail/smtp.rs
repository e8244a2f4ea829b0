//! Mails by SMTP. Where the line has to be safe and can't be made so, nothing is sent at all.

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

/// What a server says is shown to an administrator; a page of it is enough.
const LONGEST_RESPONSE: usize = 500;
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
    connections: Connections,
    from: Mailbox,
}

impl SmtpTransport {
    /// Sets the connections up; opens none.
    ///
    /// # Errors
    ///
    /// The certificate authority's file or the host's name can't be used.
    pub fn new(smtp: &Smtp) -> Result<Self, SmtpSetupError> {
        let line = match smtp.tls {
            // A server that does not offer STARTTLS, or from whose offer somebody on the line has cut it out, is sent
            // nothing.
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

/// The name in EHLO; an IP address is written as a literal (RFC 5321, 4.1.3).
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

/// Only a clear "never" about this recipient is one. A broken line, a certificate that does not fit, a wrong password
/// of ours: an operator fixes all of that, and the mail must still go out then.
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
