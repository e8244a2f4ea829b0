//! Finds `postgres` and `initdb`: in the configured folder, in PATH, then in Debian's folders, newest first.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::Error;

/// The version of Debian 12. The migrations use syntax that older ones lack.
const MINIMUM: u32 = 15;
const DEBIAN: &str = "/usr/lib/postgresql";

/// The programs of one version.
#[derive(Debug, Clone)]
pub(super) struct Binaries {
    pub(super) folder: PathBuf,
    /// The major version.
    pub(super) version: u32,
}

impl Binaries {
    /// Returns the programs in a folder. Links are resolved, because `initdb` looks for `postgres` beside itself.
    fn in_folder(folder: &Path) -> Option<Self> {
        let postgres = fs::canonicalize(folder.join("postgres")).ok()?;
        let folder = postgres.parent()?.to_owned();
        if !folder.join("initdb").is_file() {
            return None;
        }
        let said = Command::new(&postgres).arg("--version").output().ok()?;
        let version = major(&String::from_utf8_lossy(&said.stdout))?;
        (version >= MINIMUM).then_some(Self { folder, version })
    }

    pub(super) fn postgres(&self) -> PathBuf {
        self.folder.join("postgres")
    }

    pub(super) fn initdb(&self) -> PathBuf {
        self.folder.join("initdb")
    }
}

/// Returns the programs to use, of the version `needed` if a cluster of that version exists.
pub(super) fn find(setting: Option<&Path>, needed: Option<u32>) -> Result<Binaries, Error> {
    let fits = |found: &Binaries| needed.is_none_or(|needed| needed == found.version);
    if let Some(folder) = setting {
        let found = Binaries::in_folder(folder).ok_or_else(|| Error::NotThere {
            folder: folder.to_owned(),
        })?;
        return match needed {
            Some(needed) if needed != found.version => Err(Error::OtherVersion { needed }),
            _ => Ok(found),
        };
    }
    candidates()
        .iter()
        .filter_map(|folder| Binaries::in_folder(folder))
        .find(fits)
        .ok_or(match needed {
            Some(needed) => Error::OtherVersion { needed },
            None => Error::NoBinaries { minimum: MINIMUM },
        })
}

fn candidates() -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> = env::var_os("PATH")
        .map(|path| env::split_paths(&path).collect())
        .unwrap_or_default();
    let mut debian: Vec<(u32, PathBuf)> = fs::read_dir(DEBIAN)
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            let version = entry.file_name().to_str()?.parse().ok()?;
            Some((version, entry.path().join("bin")))
        })
        .collect();
    debian.sort_by_key(|(version, _)| std::cmp::Reverse(*version));
    folders.extend(debian.into_iter().map(|(_, folder)| folder));
    folders
}

/// Returns the major version: 18 for `postgres (PostgreSQL) 18beta1 (…)`.
fn major(said: &str) -> Option<u32> {
    let after = said.split("(PostgreSQL)").nth(1)?.trim_start();
    let digits: String = after.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::major;

    #[test]
    fn a_version_is_read_from_what_postgres_says_of_itself() {
        assert_eq!(
            major("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n"),
            Some(15)
        );
        assert_eq!(major("postgres (PostgreSQL) 18beta1\n"), Some(18));
        assert_eq!(major("something else"), None);
    }
}
