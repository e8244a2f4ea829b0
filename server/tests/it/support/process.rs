//! The real program as a process that can be killed.

use std::{
    fs::File,
    io::{Read as _, Seek as _},
    net::TcpListener,
    os::fd::AsRawFd as _,
    process::{Child, Command, ExitStatus, Output, Stdio},
    time::{Duration, Instant},
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use server::http::PANICKED;

use super::ORIGIN;

/// The secret of every test's server.
pub const SECRET: &str = "a secret for tests, 32 bytes long";

/// A running `muster serve`; killed when dropped.
pub struct Process {
    child: Child,
    log: File,
    /// The address of the server.
    pub address: String,
}

/// Returns the command `muster` with a database and a clean environment.
pub fn muster(database_url: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_muster"));
    command
        .env_clear()
        .envs([
            ("DATABASE_URL", database_url),
            ("MUSTER_ORIGIN", ORIGIN),
            ("MUSTER_SECRET", SECRET),
            ("MUSTER_SMTP_HOST", "127.0.0.1"),
            ("MUSTER_SMTP_PORT", "1"),
            ("MUSTER_SMTP_FROM", "Muster <muster@example.org>"),
        ])
        .stdin(Stdio::null());
    command
}

impl Process {
    /// Starts a server and waits until it responds.
    pub async fn start(database_url: &str) -> Self {
        Self::start_with(database_url, &[]).await
    }

    /// Starts a server with additional environment variables.
    pub async fn start_with(database_url: &str, variables: &[(&str, &str)]) -> Self {
        for _ in 0..5 {
            let port = free_port();
            let log = tempfile::tempfile().unwrap();
            let child = muster(database_url)
                .env("MUSTER_LISTEN", format!("127.0.0.1:{port}"))
                .envs(variables.iter().copied())
                .stdout(Stdio::null())
                .stderr(log.try_clone().unwrap())
                .spawn()
                .unwrap();
            let mut process = Self {
                child,
                log,
                address: format!("http://127.0.0.1:{port}"),
            };
            if process.answers().await {
                return process;
            }
        }
        panic!("the server ends as soon as it starts");
    }

    /// Returns false if the server has ended: another process may have taken the port.
    async fn answers(&mut self) -> bool {
        let client = reqwest::Client::new();
        let health = format!("{}/healthz", self.address);
        until("the server answers", async || {
            if self.child.try_wait().unwrap().is_some() {
                return Some(false);
            }
            let reply = client.get(&health).send().await.ok()?;
            reply.status().is_success().then_some(true)
        })
        .await
    }

    /// Sends `kill -9` and waits until the process is gone.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        let log = self.log();
        let panicked = log.lines().find(|line| line.contains(PANICKED));
        if let (Some(line), false) = (panicked, std::thread::panicking()) {
            panic!("{line}");
        }
    }

    /// Sends SIGTERM, as a service manager does.
    pub fn terminate(&self) {
        let id = i32::try_from(self.child.id()).unwrap();
        kill(Pid::from_raw(id), Signal::SIGTERM).unwrap();
    }

    /// Returns the exit status if the process has ended.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().unwrap()
    }

    /// Returns the log so far.
    pub fn log(&mut self) -> String {
        let mut text = String::new();
        // The process writes through another descriptor of the same open file, which shares this one's position.
        let mut own = File::open(format!("/proc/self/fd/{}", self.log.as_raw_fd())).unwrap();
        own.rewind().unwrap();
        own.read_to_string(&mut text).unwrap();
        text
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Runs a command to its end without blocking other tasks.
pub async fn ended(mut command: Command) -> Output {
    tokio::task::spawn_blocking(move || command.output())
        .await
        .unwrap()
        .unwrap()
}

/// Returns a port that is free at the moment; another process may still take it.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

/// Polls for up to a minute until the function returns a value.
pub async fn until<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(begun.elapsed() < Duration::from_mins(1), "not yet: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
