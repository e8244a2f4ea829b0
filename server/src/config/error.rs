//! Errors of the configuration, each as one sentence for the operator.

use std::path::PathBuf;

/// An error of the configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file can't be read or is not TOML.
    #[error("{} can't be used: {reason}.", file.display())]
    File {
        /// The file.
        file: PathBuf,
        /// The reason, as one clause.
        reason: String,
    },
    /// An unknown key in the file.
    #[error("{} contains an unknown key: `{key}`{}.", file.display(), meant(nearest.as_deref()))]
    UnknownKey {
        /// The file.
        file: PathBuf,
        /// The key, with dots.
        key: String,
        /// A known key with a similar name.
        nearest: Option<String>,
    },
    /// An unknown variable with Muster's prefix.
    #[error("The environment contains an unknown variable: `{name}`{}.", meant(nearest.as_deref()))]
    UnknownVariable {
        /// The variable.
        name: String,
        /// A known variable with a similar name.
        nearest: Option<String>,
    },
    /// An invalid value. The message never has the value, which may be a secret.
    #[error("`{key}` {reason}.")]
    Invalid {
        /// The key, with dots.
        key: String,
        /// The reason, as the rest of a sentence.
        reason: String,
    },
    /// The key that the database was created with is missing.
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
    /// A setting that this mode requires is missing.
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
