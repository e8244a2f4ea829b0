//! A file that is about to be uploaded, as the page found it.

use serde::{Deserialize, Serialize};

use super::ImportOptionsDraft;
use crate::import::{Delimiter, Encoding, MAX_BYTES, Mapping, Options};
use crate::person_name::parse_line;
use crate::problem::{FieldProblem, Problem};

/// Longest file name, in characters: what file systems take.
const MAX_NAME_LENGTH: u32 = 255;
/// An idempotency key is 16 to 64 letters, digits and hyphens: a UUID, say.
const KEY_LENGTHS: std::ops::RangeInclusive<usize> = 16..=64;

/// The file and what is to be done with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportDraft {
    /// The file's name.
    pub file_name: String,
    /// Its size, in bytes.
    pub size: u64,
    /// [`Encoding`]'s code.
    pub encoding: String,
    /// [`Delimiter`]'s code.
    pub delimiter: String,
    /// The SHA-256 of the whole file in hexadecimal, where the page has found it out; else empty.
    #[serde(default)]
    pub sha256: String,
    /// Chosen by the page, the same however often it begins this import.
    pub key: String,
    /// What the columns mean.
    pub mapping: Mapping,
    /// What is to be done.
    pub options: ImportOptionsDraft,
}

/// The file and what is to be done with it, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewImport {
    /// The file's name, one line.
    pub file_name: String,
    /// Its size, in bytes.
    pub size: u64,
    /// How it is written.
    pub encoding: Encoding,
    /// What parts its fields.
    pub delimiter: Delimiter,
    /// The SHA-256 of the whole file.
    pub sha256: Option<[u8; 32]>,
    /// The idempotency key.
    pub key: String,
    /// What the columns mean.
    pub mapping: Mapping,
    /// What is to be done.
    pub options: Options,
}

impl ImportDraft {
    /// Reads the draft.
    ///
    /// # Errors
    /// Every problem: under the draft's field, the option's own, or the column's code where the mapping lacks it.
    pub fn parse(&self) -> Result<NewImport, Vec<FieldProblem>> {
        let mut problems = Vec::new();
        let mut wrong = |field: &str, problem: Problem| {
            problems.push(FieldProblem::new(field, problem));
        };
        let file_name = parse_line(&self.file_name, MAX_NAME_LENGTH)
            .map(str::to_owned)
            .map_err(|violation| wrong("file_name", violation.into()));
        if self.size == 0 {
            wrong("size", Problem::Required);
        }
        if self.size > MAX_BYTES {
            let maximum = u32::try_from(MAX_BYTES).unwrap_or(u32::MAX);
            wrong("size", Problem::TooLong { maximum });
        }
        let encoding = self.encoding.parse::<Encoding>();
        let encoding = encoding.map_err(|_| wrong("encoding", Problem::Unknown));
        let delimiter = self.delimiter.parse::<Delimiter>();
        let delimiter = delimiter.map_err(|_| wrong("delimiter", Problem::Unknown));
        let sha256 = if self.sha256.is_empty() {
            Ok(None)
        } else {
            sha256_of(&self.sha256)
                .map(Some)
                .ok_or_else(|| wrong("sha256", Problem::Unknown))
        };
        let shaped = KEY_LENGTHS.contains(&self.key.len())
            && self
                .key
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        if !shaped {
            wrong("key", Problem::Unknown);
        }
        let options = self.options.parse();
        match &options {
            Ok(options) => {
                let width = self.mapping.targets.len();
                problems.extend(self.mapping.problems(width, options));
            }
            Err(found) => problems.extend(found.iter().cloned()),
        }
        match (file_name, encoding, delimiter, sha256, options) {
            (Ok(file_name), Ok(encoding), Ok(delimiter), Ok(sha256), Ok(options))
                if problems.is_empty() =>
            {
                Ok(NewImport {
                    file_name,
                    size: self.size,
                    encoding,
                    delimiter,
                    sha256,
                    key: self.key.clone(),
                    mapping: self.mapping.clone(),
                    options,
                })
            }
            _ => Err(problems),
        }
    }
}

/// Parses a SHA-256 written as 64 hexadecimal digits.
#[must_use]
pub fn sha256_of(text: &str) -> Option<[u8; 32]> {
    let mut hash = [0; 32];
    hex::decode_to_slice(text, &mut hash).ok()?;
    Some(hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_reads_back_what_it_is_written_as() {
        let mut hash = [0; 32];
        hash[0] = 0xA7;
        hash[31] = 0x0F;
        assert_eq!(sha256_of(&hex::encode(hash)), Some(hash));
        assert_eq!(sha256_of(&"g".repeat(64)), None);
        assert_eq!(sha256_of("a7"), None);
    }
}
