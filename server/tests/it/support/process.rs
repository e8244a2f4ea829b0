//! The real program as a process of its own, that can be killed.

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

/// A running `muster serve`; killed when it goes away.
pub struct Process {
    child: Child,
    log: File,
    /// Where it answers.
    pub address: String,
}

/// `muster`, with a database and nothing of our environment.
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
    /// Starts one, and waits until it answers.
    pub async fn start(database_url: &str) -> Self {
        Self::start_with(database_url, &[]).await
    }

    /// The same, with more variables.
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

    /// False where it ended: another process may have taken the port.
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

    /// `kill -9`, and waits until it is gone.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        let log = self.log();
        let panicked = log.lines().find(|line| line.contains(PANICKED));
        if let (Some(line), false) = (panicked, std::thread::panicking()) {
            panic!("{line}");
        }
    }

    /// Asks it to end, as a service manager does.
    pub fn terminate(&self) {
        let id = i32::try_from(self.child.id()).unwrap();
        kill(Pid::from_raw(id), Signal::SIGTERM).unwrap();
    }

    /// Whether it has ended, and how.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().unwrap()
    }

    /// What it has logged so far.
    pub fn log(&mut self) -> String {
        let mut text = String::new();
        // The process writes by another descriptor of the same file, which shares this one's place.
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

/// Runs a command to its end, without holding up anything else.
pub async fn ended(mut command: Command) -> Output {
    tokio::task::spawn_blocking(move || command.output())
        .await
        .unwrap()
        .unwrap()
}

/// A port that nobody listens on now; somebody else may be faster.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

/// Looks again and again, a minute at most, for what nobody tells of.
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
