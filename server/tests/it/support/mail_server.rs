//! A minimal mail server that rejects a configured command until it is fixed.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use server::{
    config::{Smtp, SmtpTls},
    mail::SmtpTransport,
};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};

/// A command (`TEXT` for the complete message) and the response to it.
pub type Refusal = (&'static str, &'static str);

#[derive(Default)]
struct State {
    refusal: Option<Refusal>,
    /// Rejects only messages that contain this text.
    about: Option<&'static str>,
    conversations: usize,
    recipients: Vec<String>,
}

/// A mail server that ends with the test's runtime.
pub struct MailServer {
    port: u16,
    state: Arc<Mutex<State>>,
}

impl MailServer {
    /// Starts a server that gives this refusal.
    pub async fn refusing(refusal: Refusal) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = Self {
            port: listener.local_addr().unwrap().port(),
            state: Arc::default(),
        };
        server.state.lock().unwrap().refusal = Some(refusal);
        let state = Arc::clone(&server.state);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                state.lock().unwrap().conversations += 1;
                // The client may disconnect.
                tokio::spawn(talk(stream, Arc::clone(&state)));
            }
        });
        server
    }

    /// Rejects only messages that contain this text.
    pub fn only(self, text: &'static str) -> Self {
        self.state.lock().unwrap().about = Some(text);
        self
    }

    /// Accepts everything from now on.
    pub fn fix(&self) {
        self.state.lock().unwrap().refusal = None;
    }

    /// Returns the number of connections so far.
    pub fn conversations(&self) -> usize {
        self.state.lock().unwrap().conversations
    }

    /// Returns the recipients of the accepted messages.
    pub fn recipients(&self) -> Vec<String> {
        self.state.lock().unwrap().recipients.clone()
    }

    /// Returns a transport to this server.
    pub fn transport(&self) -> Arc<SmtpTransport> {
        let settings = Smtp {
            host: "localhost".to_owned(),
            port: self.port,
            tls: SmtpTls::Off,
            credentials: None,
            from: "Muster <muster@example.org>".parse().unwrap(),
            ehlo_name: "muster.example.org".to_owned(),
            timeout: Duration::from_secs(20),
            pool: 4,
            ca_file: None,
        };
        Arc::new(SmtpTransport::new(&settings).unwrap())
    }
}

async fn talk(stream: TcpStream, state: Arc<Mutex<State>>) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    stream.write_all(b"220 fake\r\n").await?;
    let mut line = String::new();
    let mut recipient = String::new();
    while stream.read_line(&mut line).await? > 0 {
        let command = std::mem::take(&mut line).trim_end().to_owned();
        let verb = command
            .split([' ', ':'])
            .next()
            .unwrap_or_default()
            .to_uppercase();
        let refused = |to: &str, text: &str| {
            let state = state.lock().unwrap();
            let about = state.about.is_none_or(|about| text.contains(about));
            state
                .refusal
                .filter(|(command, _)| *command == to && about)
                .map(|(_, answer)| answer)
        };
        let answer = match (verb.as_str(), refused(&verb, "")) {
            (_, Some(answer)) => answer,
            ("EHLO", _) => "250-fake\r\n250 8BITMIME",
            ("RCPT", _) => {
                recipient = command;
                "250 ok"
            }
            ("DATA", _) => {
                stream.write_all(b"354 go on\r\n").await?;
                let mut text = String::new();
                while !text.ends_with("\r\n.\r\n") {
                    if stream.read_line(&mut text).await? == 0 {
                        return Ok(());
                    }
                }
                let refused = refused("TEXT", &text);
                if refused.is_none() {
                    state.lock().unwrap().recipients.push(recipient.clone());
                }
                refused.unwrap_or("250 taken")
            }
            ("QUIT", _) => "221 bye",
            _ => "250 ok",
        };
        stream.write_all(format!("{answer}\r\n").as_bytes()).await?;
    }
    Ok(())
}
