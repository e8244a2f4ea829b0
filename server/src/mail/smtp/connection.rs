//! SMTP sessions, step by step, so that it is known whether a refusal concerns Muster, the recipient or the message. A
//! few connections stay open for the next message.

use std::{
    error::Error as _,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use lettre::{
    Message,
    transport::smtp::{
        Error as SmtpError,
        authentication::{Credentials, DEFAULT_MECHANISMS},
        client::{AsyncSmtpConnection, TlsParameters},
        commands::{Data, Mail, Rcpt},
        extension::{ClientId, Extension, MailParameter},
        response::Response,
    },
};
use tokio::sync::Semaphore;

use super::verdict::Stage;

/// The time after which an idle connection is closed. Most servers close it then, too.
const LONGEST_IDLE: Duration = Duration::from_mins(1);

/// The total time limit of opening a connection, and of a message, in multiples of the limit for one step.
///
/// Both have a few steps (greeting, EHLO, STARTTLS, EHLO, AUTH; MAIL, RCPT, DATA, the text). A server that answers each
/// step just in time must not occupy a worker for minutes.
const STEPS: u32 = 3;

/// The encryption of a connection.
pub(super) enum Line {
    /// Starts in plain text and must switch to TLS before anything is sent.
    StartTls(TlsParameters),
    /// TLS from the first byte.
    Tls(TlsParameters),
    /// No encryption.
    Open,
}

/// The mail server and how to reach it.
pub(super) struct Server {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) line: Line,
    pub(super) credentials: Option<Credentials>,
    pub(super) ehlo_name: ClientId,
    /// The time limit of one step.
    pub(super) timeout: Duration,
}

/// A failed step.
pub(super) struct Failed {
    pub(super) stage: Stage,
    pub(super) why: Why,
}

pub(super) enum Why {
    /// An error of the server or the network.
    Smtp(SmtpError),
    /// A timeout.
    TooSlow,
}

impl Failed {
    fn at(stage: Stage) -> impl Fn(SmtpError) -> Self {
        move |error| Self {
            stage,
            why: Why::Smtp(error),
        }
    }
}

/// Returns the text after the server's reply code, or an empty string if the error is not the server's.
pub(super) fn text_of(error: &SmtpError) -> String {
    error.source().map(ToString::to_string).unwrap_or_default()
}

/// The connections to one mail server.
pub(super) struct Connections {
    server: Server,
    places: Semaphore,
    idle: Mutex<Vec<(AsyncSmtpConnection, Instant)>>,
}

impl Connections {
    /// Creates a pool of at most `size` connections, without opening one.
    pub(super) fn new(server: Server, size: u32) -> Self {
        Self {
            server,
            places: Semaphore::new(usize::try_from(size).unwrap_or(1)),
            idle: Mutex::default(),
        }
    }

    /// Sends a message over an idle connection or a new one.
    pub(super) async fn send(&self, message: &Message) -> Result<Response, Failed> {
        // Never fails: the semaphore is never closed.
        let _place = self.places.acquire().await;
        let mut connection = match self.idle_one().await {
            Some(connection) => connection,
            None => Box::pin(self.within_limit(Stage::Connect, self.open())).await?,
        };
        let conversation = self.converse(&mut connection, message);
        let sent = self.within_limit(Stage::Message, conversation).await;
        match &sent {
            Ok(_) => self.keep(connection),
            Err(failed) => {
                if matches!(failed.why, Why::Smtp(_)) {
                    // Sends QUIT. Its result does not matter.
                    drop(self.in_time(Stage::Message, connection.abort()).await);
                }
            }
        }
        sent
    }

    async fn idle_one(&self) -> Option<AsyncSmtpConnection> {
        loop {
            let (mut connection, since) = self.pop()?;
            if since.elapsed() < LONGEST_IDLE
                && matches!(
                    self.in_time(Stage::Connect, connection.test_connected())
                        .await,
                    Ok(true)
                )
            {
                return Some(connection);
            }
        }
    }

    fn pop(&self) -> Option<(AsyncSmtpConnection, Instant)> {
        self.idle
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop()
    }

    fn keep(&self, connection: AsyncSmtpConnection) {
        self.idle
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push((connection, Instant::now()));
    }

    async fn open(&self) -> Result<AsyncSmtpConnection, Failed> {
        let server = &self.server;
        let (wrapper, later) = match &server.line {
            Line::Tls(parameters) => (Some(parameters.clone()), None),
            Line::StartTls(parameters) => (None, Some(parameters.clone())),
            Line::Open => (None, None),
        };
        let opening = AsyncSmtpConnection::connect_tokio1(
            (server.host.as_str(), server.port),
            Some(server.timeout),
            &server.ehlo_name,
            wrapper,
            None,
        );
        let opened = self.in_time(Stage::Connect, opening).await?;
        let mut connection = opened.map_err(|error| Failed {
            stage: opening_stage(&error),
            why: Why::Smtp(error),
        })?;
        if let Some(parameters) = later {
            self.in_time(
                Stage::Tls,
                connection.starttls(parameters, &server.ehlo_name),
            )
            .await?
            .map_err(Failed::at(Stage::Tls))?;
        }
        if let Some(credentials) = &server.credentials {
            self.in_time(
                Stage::Authentication,
                connection.auth(DEFAULT_MECHANISMS, credentials),
            )
            .await?
            .map_err(Failed::at(Stage::Authentication))?;
        }
        Ok(connection)
    }

    async fn converse(
        &self,
        connection: &mut AsyncSmtpConnection,
        message: &Message,
    ) -> Result<Response, Failed> {
        let envelope = message.envelope();
        let mut options = Vec::new();
        let mut addresses = envelope.to().iter().chain(envelope.from());
        if addresses.any(|address| !address.to_string().is_ascii())
            && connection
                .server_info()
                .supports_feature(Extension::SmtpUtfEight)
        {
            options.push(MailParameter::SmtpUtfEight);
        }
        let sender = Mail::new(envelope.from().cloned(), options);
        self.in_time(Stage::Sender, connection.command(sender))
            .await?
            .map_err(Failed::at(Stage::Sender))?;
        for recipient in envelope.to() {
            let recipient = Rcpt::new(recipient.clone(), Vec::new());
            self.in_time(Stage::Recipient, connection.command(recipient))
                .await?
                .map_err(Failed::at(Stage::Recipient))?;
        }
        self.in_time(Stage::Message, connection.command(Data))
            .await?
            .map_err(Failed::at(Stage::Message))?;
        let text = message.formatted();
        self.in_time(Stage::Message, connection.message(&text))
            .await?
            .map_err(Failed::at(Stage::Message))
    }

    /// Limits the total time of several steps.
    async fn within_limit<T>(
        &self,
        stage: Stage,
        steps: impl Future<Output = Result<T, Failed>>,
    ) -> Result<T, Failed> {
        tokio::time::timeout(self.server.timeout.saturating_mul(STEPS), steps)
            .await
            .unwrap_or(Err(Failed {
                stage,
                why: Why::TooSlow,
            }))
    }

    async fn in_time<T>(&self, stage: Stage, step: impl Future<Output = T>) -> Result<T, Failed> {
        tokio::time::timeout(self.server.timeout, step)
            .await
            .map_err(|_| Failed {
                stage,
                why: Why::TooSlow,
            })
    }
}

/// Returns the stage of a failed opening: the library connects, reads the greeting and sends EHLO in one step.
fn opening_stage(error: &SmtpError) -> Stage {
    if error.status().is_some() {
        Stage::Greeting
    } else if error.is_tls() {
        Stage::Tls
    } else {
        Stage::Connect
    }
}
