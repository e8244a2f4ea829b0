//! What can be wrong with the configuration, each as one sentence for the operator.

use std::path::PathBuf;

/// What is wrong with the configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file can't be read or is not TOML.
    #[error("{} can't be used: {reason}.", file.display())]
    File {
        /// The file.
        file: PathBuf,
        /// Why, as one clause.
        reason: String,
    },
    /// A key of the file that nothing reads.
    #[error("{} contains an unknown key: `{key}`{}.", file.display(), meant(nearest.as_deref()))]
    UnknownKey {
        /// The file.
        file: PathBuf,
        /// The key, with dots.
        key: String,
        /// A key that looks like it.
        nearest: Option<String>,
    },
    /// A variable with our prefix that nothing reads.
    #[error("The environment contains an unknown variable: `{name}`{}.", meant(nearest.as_deref()))]
    UnknownVariable {
        /// The variable.
        name: String,
        /// A variable that looks like it.
        nearest: Option<String>,
    },
    /// A value that its key can't take. Never carries the value: it may be a secret.
    #[error("`{key}` {reason}.")]
    Invalid {
        /// The key, with dots.
        key: String,
        /// Why, as the rest of a sentence.
        reason: String,
    },
    /// The key that a database was made with is gone.
    #[error(
        "{file} is missing, but {data_dir} contains a database that was created with it. Restore the file from a backup. If it is \
         permanently lost, create a new one with \"(umask 077; openssl rand -base64 32 > '{file}')\": temporary passwords, and links in \
         emails that were not sent yet, then stop working and must be sent again.",
        file = file.display(), data_dir = data_dir.display()
    )]
    LostSecret {
        /// The file.
        file: PathBuf,
        /// The folder with the database.
        data_dir: PathBuf,
    },
    /// Something that this way of running can't do without.
    #[error("{0}")]
    Missing(&'static str),
}

impl ConfigError {
    pub(super) fn invalid(key: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::Invalid {
            key: key.into(),
            reason: reason.into(),
        }
    }
}

fn meant(nearest: Option<&str>) -> String {
    nearest.map_or_else(String::new, |key| format!(" (did you mean `{key}`?)"))
}
