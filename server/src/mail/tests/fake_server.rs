//! A small mail server with scripted behavior that records what it receives.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// The behavior of the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Behaviour {
    /// Accepts everything.
    Accepting,
    /// Answers a command with this text. `GREETING` and `TEXT` are the opening and the completed message.
    Answer(&'static str, &'static str),
    /// Closes the connection after the message, before confirming it.
    CutAfterData,
    /// Sends nothing at all.
    Silent,
}

/// A server that ends with the test's runtime.
pub(super) struct FakeServer {
    pub(super) port: u16,
    heard: Arc<Mutex<Vec<String>>>,
    texts: Arc<Mutex<Vec<String>>>,
}

impl FakeServer {
    pub(super) async fn start(behaviours: &'static [Behaviour]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = Self {
            port: listener.local_addr().unwrap().port(),
            heard: Arc::default(),
            texts: Arc::default(),
        };
        let (heard, texts) = (server.heard.clone(), server.texts.clone());
        tokio::spawn(async move {
            // One behavior for each connection; the last one is repeated.
            let mut connections = 0;
            while let Ok((stream, _)) = listener.accept().await {
                let behaviour = behaviours[connections.min(behaviours.len() - 1)];
                connections += 1;
                let (heard, texts) = (heard.clone(), texts.clone());
                tokio::spawn(async move {
                    // A client may close the connection.
                    let _ = talk(stream, behaviour, &heard, &texts).await;
                });
            }
        });
        server
    }

    /// Returns all commands in order.
    pub(super) fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }

    /// Returns all complete messages.
    pub(super) fn texts(&self) -> Vec<String> {
        self.texts.lock().unwrap().clone()
    }
}

async fn talk(
    stream: TcpStream,
    behaviour: Behaviour,
    heard: &Mutex<Vec<String>>,
    texts: &Mutex<Vec<String>>,
) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    if behaviour == Behaviour::Silent {
        std::future::pending::<()>().await;
    }
    let told = |to: &str| match behaviour {
        Behaviour::Answer(command, answer) if command == to => Some(answer),
        _ => None,
    };
    let greeting = told("GREETING").unwrap_or("220 fake");
    stream
        .write_all(format!("{greeting}\r\n").as_bytes())
        .await?;
    let mut line = String::new();
    while stream.read_line(&mut line).await? > 0 {
        let command = std::mem::take(&mut line).trim_end().to_owned();
        heard.lock().unwrap().push(command.clone());
        let verb = command
            .split([' ', ':'])
            .next()
            .unwrap_or_default()
            .to_uppercase();
        let answer = match (verb.as_str(), told(&verb)) {
            (_, Some(answer)) => answer,
            ("EHLO", _) => "250-fake\r\n250-AUTH PLAIN\r\n250 8BITMIME",
            ("DATA", _) => {
                stream.write_all(b"354 go on\r\n").await?;
                let mut text = String::new();
                while !text.ends_with("\r\n.\r\n") {
                    if stream.read_line(&mut text).await? == 0 {
                        return Ok(());
                    }
                }
                texts.lock().unwrap().push(text);
                if behaviour == Behaviour::CutAfterData {
                    return Ok(());
                }
                told("TEXT").unwrap_or("250 taken as 4711")
            }
            ("QUIT", _) => "221 bye",
            _ => "250 ok",
        };
        stream.write_all(format!("{answer}\r\n").as_bytes()).await?;
    }
    Ok(())
}
