//! Corrections of an import. The file stays unchanged; corrections are stored separately.

use muster::{
    failure::Failure,
    import::{ImportState, MAX_ROWS},
    problem::{FieldProblem, Problem},
};
use rpc::imports::{EditsDraft, MAX_EDITS};

use super::state;
use crate::{
    error::Error,
    store::{
        Tx,
        imports::{self, At, Import, edits},
    },
};

/// The maximum length of a corrected cell in bytes.
const MAX_CELL_BYTES: usize = 4096;
/// The maximum number of corrected cells of an import: twice the number of rows in the grid.
const MOST_CELLS: u32 = 200_000;

pub(super) async fn edit(
    tx: &mut Tx,
    at: At,
    import: &Import,
    draft: &EditsDraft,
) -> Result<(), Error> {
    let state = state(import)?;
    if !matches!(
        state,
        ImportState::Uploading | ImportState::Planned | ImportState::Refused | ImportState::Failed
    ) {
        return Err(Failure::Conflict.into());
    }
    if draft.edits.len() + draft.left_out.len() + draft.taken.len() > MAX_EDITS {
        let maximum = u32::try_from(MAX_EDITS).unwrap_or(u32::MAX);
        return Err(FieldProblem::new("edits", Problem::TooMany { maximum }).into());
    }
    let (mut rows, mut fields, mut values) = (Vec::new(), Vec::new(), Vec::new());
    let (mut gone_rows, mut gone_fields) = (Vec::new(), Vec::new());
    for edit in &draft.edits {
        match &edit.value {
            Some(value) if value.len() > MAX_CELL_BYTES || value.contains('\0') => {
                let maximum = u32::try_from(MAX_CELL_BYTES).unwrap_or(u32::MAX);
                return Err(FieldProblem::new("edits", Problem::TooLong { maximum }).into());
            }
            Some(value) => {
                rows.push(row(edit.row)?);
                fields.push(edit.column.code().to_owned());
                values.push(value.clone());
            }
            None => {
                gone_rows.push(row(edit.row)?);
                gone_fields.push(edit.column.code().to_owned());
            }
        }
    }
    for number in &draft.left_out {
        rows.push(row(*number)?);
        fields.push(edits::LEFT_OUT.to_owned());
        values.push(String::new());
    }
    for number in &draft.taken {
        gone_rows.push(row(*number)?);
        gone_fields.push(edits::LEFT_OUT.to_owned());
    }
    edits::put(tx, at, &rows, &fields, &values).await?;
    edits::remove(tx, at, &gone_rows, &gone_fields).await?;
    if edits::cells(tx, at).await? > i64::from(MOST_CELLS) {
        let maximum = MOST_CELLS;
        return Err(FieldProblem::new("edits", Problem::TooMany { maximum }).into());
    }
    if matches!(state, ImportState::Planned | ImportState::Failed) {
        imports::set_state(tx, at, "uploading", None).await?;
    }
    Ok(())
}

fn row(number: u32) -> Result<i32, Error> {
    i32::try_from(number)
        .ok()
        .filter(|row| *row > 0 && number <= MAX_ROWS)
        .ok_or_else(|| FieldProblem::new("edits", Problem::Unknown).into())
}
