//! Writes the outcome of each row to a file.

use muster::import::Access;
use rpc::Caller;
use serde_json::json;

use super::sentence;
use crate::{
    imports::{Only, said},
    process::Sentence,
    service::Service,
    store::imports::{At, rows},
};

/// The number of outcomes read at once.
const RESULTS: i64 = 5000;

/// Writes the imported file with additional columns.
pub(super) async fn csv(
    service: &Service,
    caller: &Caller,
    slug: &str,
    id: &str,
    file: &mut impl std::io::Write,
) -> Result<(), Sentence> {
    let report = service.import_report(caller, slug, id, Only::All).await;
    let mut report = report.map_err(|failure| sentence(failure.into()))?;
    while let Some(piece) = report.next().await {
        piece
            .and_then(|piece| file.write_all(&piece))
            .map_err(|error| format!("the report can't be written: {error}."))?;
    }
    Ok(())
}

/// Writes one JSON object per line.
pub(super) async fn json_lines(
    service: &Service,
    at: At,
    access: Access,
    applied: bool,
    file: &mut impl std::io::Write,
) -> Result<(), Sentence> {
    let mut after = 0;
    loop {
        let page = async {
            let mut tx = service.store.tenant(at.institution).await?;
            rows::results(&mut tx, at, after, RESULTS).await
        };
        let page = page.await.map_err(|error| sentence(error.into()))?;
        let Some(last) = page.last() else {
            return Ok(());
        };
        after = last.number;
        for row in page {
            let line = json!({ "row": row.number, "result": said(&row, access, applied), "reasons": row.reasons });
            writeln!(file, "{line}")
                .map_err(|error| format!("the report can't be written: {error}."))?;
        }
    }
}
