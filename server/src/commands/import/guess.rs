//! Detects the format of a file from its beginning and reports it on standard error.

use std::{fs::File, io::Read as _};

use muster::{
    draft::{ImportDraft, ImportOptionsDraft},
    import::{Dialect, Limits, MAX_BYTES, Mapping, Reader, SAMPLE_BYTES},
    phone::CallingCode,
};
use rpc::Caller;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::role;
use crate::{cli::ImportFile, process::Sentence, service::Service};

/// The number of rows that are examined besides the headers.
const EXAMPLES: usize = 20;

/// Returns the import of the file with the detected format, and prints what was detected.
pub(super) async fn draft(
    service: &Service,
    caller: &Caller,
    wanted: &ImportFile,
) -> Result<ImportDraft, Sentence> {
    let broken = |error: std::io::Error| format!("{}: {error}.", wanted.file.display());
    let file = File::open(&wanted.file).map_err(broken)?;
    let too_large = || {
        format!(
            "{}: larger than {} GB, which is the most that can be imported at once.",
            wanted.file.display(),
            MAX_BYTES >> 30
        )
    };
    if file.metadata().map_err(broken)?.len() > MAX_BYTES {
        return Err(too_large());
    }
    // The size of anything but a regular file is unknown until it is read.
    let mut hash = Sha256::new();
    let size = std::io::copy(&mut file.take(MAX_BYTES + 1), &mut hash).map_err(broken)?;
    if size > MAX_BYTES {
        return Err(too_large());
    }
    let mut sample = Vec::new();
    File::open(&wanted.file)
        .and_then(|file| file.take(SAMPLE_BYTES as u64).read_to_end(&mut sample))
        .map_err(broken)?;
    let dialect = Dialect::guess(&sample);
    let mut reader = Reader::new(dialect.encoding, dialect.delimiter, Limits::default());
    let (mut slice, mut records) = (&sample[..], Vec::new());
    while let Some(Ok(record)) = reader.read(&mut slice) {
        records.push(record.fields.iter().map(str::to_owned).collect::<Vec<_>>());
        if records.len() > EXAMPLES {
            break;
        }
    }
    if records.is_empty()
        && let Some(Ok(record)) = reader.finish()
    {
        records.push(record.fields.iter().map(str::to_owned).collect());
    }
    let Some((headers, examples)) = records.split_first() else {
        return Err(format!(
            "{}: the header row can't be read.",
            wanted.file.display()
        ));
    };
    let headers: Vec<&str> = headers.iter().map(String::as_str).collect();
    let examples: Vec<Vec<&str>> = examples
        .iter()
        .map(|row| row.iter().map(String::as_str).collect())
        .collect();
    let mut mapping = Mapping::guess(&headers, &examples);
    mapping.calling_code = CallingCode::parse(&wanted.country_code).map_err(|_| {
        format!(
            "{}: a country code has one to three digits.",
            wanted.country_code
        )
    })?;
    for (header, target) in headers.iter().zip(&mapping.targets) {
        let meaning = serde_json::to_string(target).unwrap_or_default();
        eprintln!(
            "{header}: {}",
            meaning.replace(['"', '{', '}'], "").replace("column:", "")
        );
    }
    // Anything but a code is a time.
    let (send, send_at) = match wanted.send.as_str() {
        code @ ("now" | "later") => (code, ""),
        time => ("job", time),
    };
    Ok(ImportDraft {
        file_name: wanted
            .file
            .file_name()
            .map(|name| name.to_string_lossy().into_owned())
            .unwrap_or_default(),
        size,
        encoding: dialect.encoding.code().to_owned(),
        delimiter: dialect.delimiter.code().to_owned(),
        sha256: hex::encode(hash.finalize()),
        key: Uuid::now_v7().to_string(),
        mapping,
        options: ImportOptionsDraft {
            mode: wanted.mode.clone(),
            match_by: wanted.match_by.clone(),
            clear: String::new(),
            access: if wanted.passwords {
                "passwords"
            } else {
                "invite"
            }
            .to_owned(),
            send: send.to_owned(),
            send_at: send_at.to_owned(),
            applying: if wanted.whole { "whole" } else { "row_by_row" }.to_owned(),
            role: role(service, caller, wanted).await?,
        },
    })
}
