//! Values that must not appear in logs, and the key that Muster generates.

use std::fmt;
use std::fs;
use std::io::{ErrorKind, Write};
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rand::TryRngCore;
use rand::rngs::OsRng;
use serde::Deserialize;

use super::ConfigError;
use crate::embedded_postgres;

/// The minimum length of a key in bytes. HMAC-SHA-256 makes full use of 32; shorter keys could be guessed.
const SHORTEST_KEY: usize = 32;

/// A text that is hidden in logs.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// Returns the text, for the one place that needs it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret(…)")
    }
}

/// The key from which links and hashes are derived.
#[derive(Clone)]
pub struct SecretKey(Vec<u8>);

impl SecretKey {
    /// Returns the bytes, for the one place that derives from them.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl From<&Secret> for SecretKey {
    fn from(secret: &Secret) -> Self {
        Self(secret.expose().as_bytes().to_vec())
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SecretKey(…)")
    }
}

pub(super) fn check(secret: &Secret) -> Result<(), ConfigError> {
    if secret.expose().len() < SHORTEST_KEY {
        return Err(ConfigError::invalid(
            "secret",
            "must have at least 32 characters",
        ));
    }
    Ok(())
}

/// Returns the key in `folder/secret`. Generates it if neither a key nor a database exists.
pub(super) fn kept_in(folder: &Path) -> Result<SecretKey, ConfigError> {
    let file = folder.join("secret");
    let failed = |error: &std::io::Error| ConfigError::File {
        file: file.clone(),
        reason: error.to_string(),
    };
    match fs::read_to_string(&file) {
        Ok(text) => return read(&file, &text),
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(failed(&error)),
    }
    if embedded_postgres::has_database(folder).map_err(|error| failed(&error))? {
        // Another process may have created both since.
        return match fs::read_to_string(&file) {
            Ok(text) => read(&file, &text),
            Err(_) => Err(ConfigError::LostSecret {
                file,
                data_dir: folder.to_owned(),
            }),
        };
    }
    let mut key = [0_u8; SHORTEST_KEY];
    OsRng
        .try_fill_bytes(&mut key)
        .map_err(|error| failed(&std::io::Error::other(error)))?;
    fs::create_dir_all(folder).map_err(|error| failed(&error))?;
    // Written to a temporary file and moved into place, so that no process reads an incomplete key. A temporary file is
    // readable only by its owner from the start. If another process was faster, its key is used.
    let mut beside = tempfile::NamedTempFile::new_in(folder).map_err(|error| failed(&error))?;
    beside
        .write_all(URL_SAFE_NO_PAD.encode(key).as_bytes())
        .and_then(|()| beside.as_file().sync_all())
        .map_err(|error| failed(&error))?;
    match beside.persist_noclobber(&file) {
        Ok(_) => {}
        Err(refused) if refused.error.kind() == ErrorKind::AlreadyExists => {}
        Err(refused) => return Err(failed(&refused.error)),
    }
    let text = fs::read_to_string(&file).map_err(|error| failed(&error))?;
    read(&file, &text)
}

fn read(file: &Path, text: &str) -> Result<SecretKey, ConfigError> {
    let text = text.trim();
    if text.len() < SHORTEST_KEY {
        return Err(ConfigError::File {
            file: file.to_owned(),
            reason: "it contains fewer than 32 characters; restore the previous key".to_owned(),
        });
    }
    Ok(SecretKey(text.as_bytes().to_vec()))
}
