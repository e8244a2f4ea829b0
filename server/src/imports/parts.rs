//! Uploads of parts.
//!
//! The same part may be uploaded again; with other bytes it is refused. So retries, double clicks and files that change
//! during the upload are safe.

use axum::body::Bytes;
use muster::{
    draft::sha256_of,
    failure::Failure,
    import::{Delimiter, Encoding, Fault, ImportState, Limits, Reader},
    problem::{FieldProblem, Problem},
};
use rpc::{Caller, imports::PART_BYTES};
use sha2::{Digest as _, Sha256};

use crate::{
    cpu_work,
    error::{Error, boundary},
    importer::to_json,
    service::Service,
    store::imports::{self, Import, parts},
};

/// The maximum size of a transferred part in bytes: gzip makes incompressible data a little larger.
pub const LARGEST_PART: usize = 1024 * 1024 + 64 * 1024;

/// An uploaded part.
#[derive(Debug)]
pub struct Part {
    /// The part's number, from 0.
    pub number: u32,
    /// The hexadecimal SHA-256 of its uncompressed bytes.
    pub sha256: String,
    /// Whether the body is compressed with gzip.
    pub gzip: bool,
    /// The transferred bytes.
    pub body: Bytes,
}

impl Service {
    /// Stores a part.
    ///
    /// # Errors
    /// Returns `BadRequest` if its size is not that of this number, `Invalid` if its hash is wrong or the file is
    /// unreadable, and `Conflict` if it exists with other bytes or the upload is over. Returns `Unauthenticated`,
    /// `NotFound` or `Forbidden` if the caller may not import here.
    pub async fn add_part(
        &self,
        caller: &Caller,
        slug: &str,
        id: &str,
        part: Part,
    ) -> Result<(), Failure> {
        boundary("add_part", async {
            // Permissions are checked before anything is decompressed, and no connection is held during that.
            let (_, _, import, tx) = self.one_import(caller, slug, id).await?;
            tx.rollback().await?;
            let number = i32::try_from(part.number).map_err(|_| Failure::BadRequest)?;
            let (bytes, hash) = cpu_work::run(move || unpacked(&part)).await??;
            if length(import.size, number) != Some(bytes.len()) {
                return Err(Failure::BadRequest.into());
            }
            let (bytes, fault) = if number == 0 {
                early_fault(&import, bytes).await?
            } else {
                (bytes, None)
            };
            let (_, at, _, mut tx) = self.one_import(caller, slug, id).await?;
            // The upload cannot end before this part is stored.
            let state_now = imports::hold_state(&mut tx, at).await?;
            let uploading = state_now.as_deref() == Some(ImportState::Uploading.code());
            match parts::hash(&mut tx, at, number).await? {
                Some(there) if there == hash => return Ok(()),
                Some(_) => return Err(Failure::Conflict.into()),
                None if !uploading => return Err(Failure::Conflict.into()),
                None => {}
            }
            if let Some(fault) = fault {
                parts::refuse(&mut tx, at, to_json(fault)?).await?;
                tx.commit().await?;
                return Err(FieldProblem::new("file", Problem::Unknown).into());
            }
            parts::insert(&mut tx, at, number, &hash, &bytes).await?;
            // Of two concurrent uploads the first one counts.
            if parts::hash(&mut tx, at, number).await?.as_deref() != Some(&hash[..]) {
                return Err(Failure::Conflict.into());
            }
            tx.commit().await?;
            Ok(())
        })
        .await
    }
}

/// Returns the number of parts of a file of this size.
pub(super) fn expected(size: i64) -> i64 {
    u64::try_from(size).map_or(0, |size| {
        i64::try_from(size.div_ceil(PART_BYTES)).unwrap_or(i64::MAX)
    })
}

/// Returns the length of this part of a file of this size, or `None` if there is no such part.
fn length(size: i64, number: i32) -> Option<usize> {
    let (size, number) = (u64::try_from(size).ok()?, u64::try_from(number).ok()?);
    let rest = size.checked_sub(number.checked_mul(PART_BYTES)?)?;
    usize::try_from(rest.min(PART_BYTES))
        .ok()
        .filter(|it| *it > 0)
}

/// Returns the uncompressed bytes and their hash. Decompression stops after the size of a part, so a decompression bomb
/// does no harm.
fn unpacked(part: &Part) -> Result<(Vec<u8>, [u8; 32]), Error> {
    use std::io::Read as _;
    let mut bytes = Vec::with_capacity(1 + usize::try_from(PART_BYTES).unwrap_or_default());
    if part.gzip {
        flate2::read::GzDecoder::new(&part.body[..])
            .take(PART_BYTES + 1)
            .read_to_end(&mut bytes)
            .map_err(|_| Failure::BadRequest)?;
    } else {
        bytes.extend_from_slice(&part.body);
    }
    if bytes.len() as u64 > PART_BYTES {
        return Err(FieldProblem::new("file", too_long()).into());
    }
    let hash: [u8; 32] = Sha256::digest(&bytes).into();
    if sha256_of(&part.sha256) != Some(hash) {
        return Err(FieldProblem::new("sha256", Problem::Unknown).into());
    }
    Ok((bytes, hash))
}

fn too_long() -> Problem {
    Problem::TooLong {
        maximum: u32::try_from(PART_BYTES).unwrap_or(u32::MAX),
    }
}

/// Returns why the file is unreadable, as far as its first part shows: a quote that is never closed, too many columns,
/// another encoding. The error is reported now instead of after the other 2,000 parts.
async fn early_fault(import: &Import, bytes: Vec<u8>) -> Result<(Vec<u8>, Option<Fault>), Error> {
    let broken = |_| Error::internal("an import with an unknown code");
    let encoding: Encoding = import.encoding.parse().map_err(broken)?;
    let delimiter: Delimiter = import.delimiter.parse().map_err(broken)?;
    let whole = u64::try_from(import.size).is_ok_and(|size| size <= PART_BYTES);
    cpu_work::run(move || {
        let mut reader = Reader::new(encoding, delimiter, Limits::default());
        let mut slice = &bytes[..];
        let mut fault = None;
        while let Some(record) = reader.read(&mut slice) {
            fault = fault.or(record.err());
        }
        while whole && fault.is_none() {
            let Some(record) = reader.finish() else { break };
            fault = record.err();
        }
        (bytes, fault)
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_but_the_last_is_whole() {
        let part = i64::try_from(PART_BYTES).unwrap();
        let whole = usize::try_from(PART_BYTES).unwrap();
        assert_eq!((expected(1), expected(part), expected(part + 1)), (1, 1, 2));
        assert_eq!(length(part + 1, 0), Some(whole));
        assert_eq!(length(part + 1, 1), Some(1));
        assert_eq!(length(part, 1), None);
        assert_eq!(length(part, -1), None);
    }
}
