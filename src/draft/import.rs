//! An import to begin: the file and its options, as the page determined them.

use serde::{Deserialize, Serialize};

use super::ImportOptionsDraft;
use crate::import::{Delimiter, Encoding, MAX_BYTES, Mapping, Options};
use crate::person_name::parse_line;
use crate::problem::{FieldProblem, Problem};

/// Maximum length of a file name, in characters: the limit of common file systems.
const MAX_NAME_LENGTH: u32 = 255;
/// Length of an idempotency key: 16 to 64 letters, digits and hyphens, such as a UUID.
const KEY_LENGTHS: std::ops::RangeInclusive<usize> = 16..=64;

/// The file and its options, before validation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportDraft {
    /// The file's name.
    pub file_name: String,
    /// The file's size, in bytes.
    pub size: u64,
    /// The code of an [`Encoding`].
    pub encoding: String,
    /// The code of a [`Delimiter`].
    pub delimiter: String,
    /// The SHA-256 of the whole file in hexadecimal; empty if the page has not computed it.
    #[serde(default)]
    pub sha256: String,
    /// The idempotency key: chosen by the page and the same for every attempt to begin this import.
    pub key: String,
    /// The column mapping.
    pub mapping: Mapping,
    /// The import options.
    pub options: ImportOptionsDraft,
}

/// The validated file and options.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewImport {
    /// The file's name, as one line.
    pub file_name: String,
    /// The file's size, in bytes.
    pub size: u64,
    /// The file's encoding.
    pub encoding: Encoding,
    /// The file's field separator.
    pub delimiter: Delimiter,
    /// The SHA-256 of the whole file.
    pub sha256: Option<[u8; 32]>,
    /// The idempotency key.
    pub key: String,
    /// The column mapping.
    pub mapping: Mapping,
    /// The import options.
    pub options: Options,
}

impl ImportDraft {
    /// Parses the draft.
    ///
    /// # Errors
    /// Returns every problem under the field of the draft, the option, or the code of a missing column.
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
