//! Waits for the Postgres of a killed Muster process, which is stopping. This process holds the lock, so a remaining
//! Postgres is about to end, or only its `postmaster.pid` is left.

use std::fs;
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::sys::signal::kill;
use nix::unistd::Pid;

use super::Error;

/// The time limit. A fast shutdown writes the memory to disk, which takes seconds on a slow one.
const PATIENCE: Duration = Duration::from_mins(1);

pub(super) fn wait(data: &Path, data_dir: &Path) -> Result<(), Error> {
    let file = data.join("postmaster.pid");
    let begun = Instant::now();
    let mut pause = Duration::from_millis(10);
    while let Ok(text) = fs::read_to_string(&file) {
        let pid = text
            .lines()
            .next()
            .and_then(|line| line.trim().parse::<i32>().ok());
        match pid {
            Some(pid) if is_postgres(pid, data) => {
                if begun.elapsed() > PATIENCE {
                    return Err(Error::StillRunning {
                        data_dir: data_dir.to_owned(),
                        pid,
                    });
                }
            }
            _ => {
                // Postgres itself would be misled by another process with the same id.
                return fs::remove_file(&file).map_err(Error::io(&file));
            }
        }
        sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(250));
    }
    Ok(())
}

/// Returns whether this process is running and is a Postgres with these files.
fn is_postgres(pid: i32, data: &Path) -> bool {
    if kill(Pid::from_raw(pid), None) == Err(Errno::ESRCH) {
        return false;
    }
    let process = Path::new("/proc").join(pid.to_string());
    let Ok(status) = fs::read_to_string(process.join("status")) else {
        // The process has just ended, or the system has no `/proc` and the signal's result counts.
        return !Path::new("/proc/self/status").exists();
    };
    let value = |name: &str| {
        status
            .lines()
            .find_map(|line| line.strip_prefix(name))
            .map(str::trim)
            .unwrap_or_default()
    };
    let is_one = matches!(value("Name:"), "postgres" | "postmaster");
    let is_dead = value("State:").starts_with('Z');
    // The working directory of Postgres is its data folder. If it is unreadable, the process counts as ours.
    let elsewhere = fs::read_link(process.join("cwd")).is_ok_and(|folder| folder != data);
    is_one && !is_dead && !elsewhere
}
