//! Ties Postgres to this process.
//!
//! A small shell script reads from a pipe whose other end only this process holds. However the process ends, `kill -9`
//! included, the pipe closes, and the script stops Postgres and waits for it.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Output, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::binaries::Binaries;
use super::error::last_complaint;
use super::place::Place;
use super::{Error, PORT};

const SHELL: &str = "/bin/sh";

/// The supervising script. Its arguments are the program, a folder to delete at the end or an empty string, and the
/// program's arguments.
///
/// The signal is sent repeatedly, because Postgres ignores it in its first moments; during the shutdown further signals
/// have no effect. SIGINT is a fast shutdown: sessions end, and everything is written to disk.
const SCRIPT: &str = r#"
program=$1 discard=$2
shift 2
exec 3<&0 0</dev/null
"$program" "$@" 3<&- &
server=$!
{
    read -r nothing <&3
    while kill -INT "$server" 2>/dev/null; do sleep 1; done
} &
watcher=$!
exec 3<&-
trap 'kill -INT "$server"' INT TERM HUP
code=1
while kill -0 "$server" 2>/dev/null; do wait "$server"; code=$?; done
kill "$watcher" 2>/dev/null
cd /
[ -z "$discard" ] || rm -rf -- "$discard"
exit "$code"
"#;

/// The corresponding script for `initdb`, which ends on its own.
///
/// Only if the pipe closes before that, it is stopped and the folder is deleted. After the watcher has begun, nothing
/// stops it.
const GUARD: &str = r#"
program=$1 discard=$2
shift 2
exec 3<&0 0</dev/null
"$program" "$@" 3<&- &
child=$!
{
    read -r nothing <&3
    trap '' TERM
    while kill -TERM "$child" 2>/dev/null; do sleep 1; done
    cd /
    [ -z "$discard" ] || rm -rf -- "$discard"
} &
watcher=$!
exec 3<&-
wait "$child"
code=$?
kill "$watcher" 2>/dev/null
exit "$code"
"#;

/// Runs a program to its end, and stops it if this process ends first.
pub(super) fn run_guarded(
    place: &Place,
    program: &Path,
    discard: Option<&Path>,
    arguments: &[&OsStr],
) -> io::Result<Output> {
    let mut guard = place
        .command(Path::new(SHELL))
        .args(["-c", GUARD, "muster-initdb"])
        .arg(program)
        .arg(discard.unwrap_or_else(|| Path::new("")))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .process_group(0)
        .spawn()?;
    // Taken out, because waiting closes the pipe if the child still has it.
    let pipe = guard.stdin.take();
    let output = guard.wait_with_output();
    drop(pipe);
    output
}

/// The time limit of a shutdown, in which Postgres writes everything to disk.
const PATIENCE: Duration = Duration::from_mins(1);

/// A Postgres that ends with this process.
#[derive(Debug)]
pub(super) struct Supervisor {
    script: Child,
    log: PathBuf,
}

impl Supervisor {
    pub(super) fn start(
        place: &Place,
        binaries: &Binaries,
        socket_dir: &Path,
        log: PathBuf,
        discard: Option<&Path>,
    ) -> Result<Self, Error> {
        // The previous log is kept, so that a restart does not delete the cause of the last failure.
        match fs::rename(&log, log.with_extension("log.1")) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(Error::io(&log)(error));
            }
            _ => {}
        }
        let output = File::create(&log).map_err(Error::io(&log))?;
        let errors = output.try_clone().map_err(Error::io(&log))?;
        let shell = Path::new(SHELL);
        let mut command = place.command(shell);
        command
            .args(["-c", SCRIPT, "muster-postgres"])
            .arg(binaries.postgres())
            .arg(discard.unwrap_or_else(|| Path::new("")))
            .arg("-D")
            .arg(place.data());
        for setting in settings(socket_dir) {
            command.args(["-c", &setting]);
        }
        let script = command
            .stdin(Stdio::piped())
            .stdout(output)
            .stderr(errors)
            // Ctrl-C goes to the terminal's whole process group, but Postgres must outlive the last request.
            .process_group(0)
            .spawn()
            .map_err(Error::io(shell))?;
        Ok(Self { script, log })
    }

    /// Returns why Postgres ended, if it has.
    pub(super) fn died(&mut self) -> Result<Option<String>, Error> {
        let ended = self.script.try_wait().map_err(Error::io(&self.log))?;
        Ok(ended.map(|_| last_complaint(&fs::read_to_string(&self.log).unwrap_or_default())))
    }

    pub(super) fn stop(mut self) -> Result<(), Error> {
        drop(self.script.stdin.take());
        let begun = Instant::now();
        let mut pause = Duration::from_millis(5);
        while begun.elapsed() < PATIENCE {
            if let Some(status) = self.script.try_wait().map_err(Error::io(&self.log))? {
                return if status.success() {
                    Ok(())
                } else {
                    Err(Error::NotStopped)
                };
            }
            sleep(pause);
            pause = (pause * 2).min(Duration::from_millis(100));
        }
        Err(Error::NotStopped)
    }
}

fn settings(socket_dir: &Path) -> Vec<String> {
    // The value is a list: quotes prevent a comma or a space in the path from splitting it.
    let sockets = socket_dir.to_string_lossy().replace('"', "\"\"");
    vec![
        "listen_addresses=".to_owned(),
        format!("port={PORT}"),
        format!("unix_socket_directories=\"{sockets}\""),
        "unix_socket_permissions=0700".to_owned(),
        "ssl=off".to_owned(),
        // For pages, the worker, and psql. The default of 100 is too small for tests that run in parallel.
        "max_connections=200".to_owned(),
        // Acknowledged commits survive a power failure. These are the defaults, and no configuration file may turn them
        // off.
        "fsync=on".to_owned(),
        "full_page_writes=on".to_owned(),
        "synchronous_commit=on".to_owned(),
        "timezone=UTC".to_owned(),
        "log_timezone=UTC".to_owned(),
        "log_destination=stderr".to_owned(),
        "logging_collector=off".to_owned(),
        "log_checkpoints=off".to_owned(),
    ]
}
