//! Bulk import as its pages see it: a file is announced, comes in parts, is edited, planned, applied, undone. The work
//! itself is the `importer`'s; here its states go from one to the next, under the import's lock.

mod parts;
mod report;
mod rows;
mod view;

pub use parts::{LARGEST_PART, Part};
pub use report::{Download, Only};

use app::{
    backend::{Caller, Imports, Outcome},
    imports::api::{
        Begun, EditsDraft, ImportRows, ImportState, ImportSummary, ImportView, MAX_EDITS,
        RememberedMapping, RowsKind,
    },
};
use async_trait::async_trait;
use muster::{
    draft::{ImportDraft, NewImport},
    failure::Failure,
    import::{Access, Applying, Options, Send},
    permission::Permission,
    problem::{FieldProblem, Problem},
};
use uuid::Uuid;

use crate::{
    error::{Error, boundary},
    importer::{allows, mapping_key, read_json},
    invitations::may_give,
    service::{Actor, Service},
    store::{
        Tx,
        imports::{self, At, Import, edits, parts as stored_parts},
        institutions,
    },
};

/// Files that an institution has here at once without having applied them: each may be 2 GB.
const MOST_OPEN: i64 = 20;
/// The longest that an edited cell may be, in bytes.
const MAX_CELL_BYTES: usize = 4096;

#[async_trait]
impl Imports for Service {
    async fn imports(&self, caller: &Caller, slug: &str) -> Outcome<Vec<ImportSummary>> {
        boundary(async { Ok(self.list_imports(caller, slug).await?.into()) }).await
    }

    async fn remembered_mapping(
        &self,
        caller: &Caller,
        slug: &str,
        headers: &[String],
    ) -> Outcome<RememberedMapping> {
        boundary(async {
            let (actor, mut tx) = self.importing(caller, slug).await?;
            let headers: Vec<&str> = headers.iter().map(String::as_str).collect();
            let key = mapping_key(&headers);
            let found = imports::remembered(&mut tx, actor.institution, &key).await?;
            let mapping = found.as_ref().map(read_json).transpose()?;
            Ok(RememberedMapping { mapping }.into())
        })
        .await
    }

    async fn begin_import(
        &self,
        caller: &Caller,
        slug: &str,
        draft: &ImportDraft,
    ) -> Outcome<Begun> {
        boundary(async {
            let (actor, tx) = self.importing(caller, slug).await?;
            Ok(begin(actor, tx, draft).await?.into())
        })
        .await
    }

    async fn edit_import(
        &self,
        caller: &Caller,
        slug: &str,
        id: &str,
        draft: &EditsDraft,
    ) -> Outcome<()> {
        boundary(async {
            let (_, at, import, mut tx) = self.locked_import(caller, slug, id).await?;
            edit(&mut tx, at, &import, draft).await?;
            tx.commit().await?;
            Ok(().into())
        })
        .await
    }

    async fn plan_import(&self, caller: &Caller, slug: &str, id: &str) -> Outcome<()> {
        boundary(async {
            let (actor, at, import, mut tx) = self.locked_import(caller, slug, id).await?;
            let whole = i64::from(import.parts) == parts::expected(import.size);
            let ready = [
                ImportState::Uploading,
                ImportState::Planned,
                ImportState::Refused,
            ];
            if !whole || !ready.contains(&state(&import)?) {
                tx.rollback().await?;
                return Err(Failure::Changed.into());
            }
            imports::set_state(&mut tx, at, "checking", Some(actor.membership)).await?;
            tx.commit().await?;
            Ok(().into())
        })
        .await
    }

    async fn import_view(&self, caller: &Caller, slug: &str, id: &str) -> Outcome<ImportView> {
        boundary(async { Ok(self.view_import(caller, slug, id).await?.into()) }).await
    }

    async fn import_rows(
        &self,
        caller: &Caller,
        slug: &str,
        id: &str,
        kind: RowsKind,
        after: u32,
    ) -> Outcome<ImportRows> {
        boundary(async {
            Ok(self
                .rows_of_import(caller, slug, id, kind, after)
                .await?
                .into())
        })
        .await
    }

    async fn apply_import(&self, caller: &Caller, slug: &str, id: &str) -> Outcome<()> {
        boundary(self.go_to(caller, slug, id, "applying", |import, state| {
            state == ImportState::Planned && import.plan.is_some()
        }))
        .await
    }

    async fn stop_import(&self, caller: &Caller, slug: &str, id: &str) -> Outcome<()> {
        boundary(self.go_to(caller, slug, id, "stopped", |_, state| {
            state == ImportState::Applying
        }))
        .await
    }

    async fn resume_import(&self, caller: &Caller, slug: &str, id: &str) -> Outcome<()> {
        boundary(self.go_to(caller, slug, id, "applying", |_, state| {
            state == ImportState::Stopped
        }))
        .await
    }

    async fn undo_import(&self, caller: &Caller, slug: &str, id: &str) -> Outcome<()> {
        boundary(self.go_to(caller, slug, id, "undoing", view::may_undo)).await
    }

    async fn discard_import(&self, caller: &Caller, slug: &str, id: &str) -> Outcome<()> {
        boundary(async {
            let (_, at, import, mut tx) = self.locked_import(caller, slug, id).await?;
            if !view::may_discard(state(&import)?) {
                return Err(Failure::Changed.into());
            }
            imports::set_state(&mut tx, at, "discarded", None).await?;
            stored_parts::delete(&mut tx, at).await?;
            tx.commit().await?;
            Ok(().into())
        })
        .await
    }
}

impl Service {
    /// Somebody who may import in some way.
    async fn importing(&self, caller: &Caller, slug: &str) -> Result<(Actor, Tx), Error> {
        let (actor, tx) = self.actor(caller, slug).await?;
        if actor.needs(Permission::InviteUsers).is_err() {
            actor.needs(Permission::EditUsers)?;
        }
        Ok((actor, tx))
    }

    /// An import of the caller's institution.
    async fn one_import(
        &self,
        caller: &Caller,
        slug: &str,
        id: &str,
    ) -> Result<(Actor, At, Import, Tx), Error> {
        let (actor, mut tx) = self.importing(caller, slug).await?;
        let at = At {
            institution: actor.institution,
            import: Uuid::try_parse(id).map_err(|_| Failure::NotFound)?,
        };
        let import = imports::get(&mut tx, at).await?.ok_or(Failure::NotFound)?;
        Ok((actor, at, import, tx))
    }

    /// The same, locked until the transaction ends, for who may do what it does.
    async fn locked_import(
        &self,
        caller: &Caller,
        slug: &str,
        id: &str,
    ) -> Result<(Actor, At, Import, Tx), Error> {
        let (actor, at, _, mut tx) = self.one_import(caller, slug, id).await?;
        let import = imports::lock(&mut tx, at).await?.ok_or(Failure::NotFound)?;
        let options: Options = read_json(&import.options)?;
        if !allows(actor.permissions, options.mode) {
            return Err(Failure::Forbidden.into());
        }
        Ok((actor, at, import, tx))
    }

    /// The import goes on to a state, in the caller's name, where it may.
    async fn go_to(
        &self,
        caller: &Caller,
        slug: &str,
        id: &str,
        to: &str,
        may: impl FnOnce(&Import, ImportState) -> bool,
    ) -> Result<app::backend::Answer<()>, Error> {
        let (actor, at, import, mut tx) = self.locked_import(caller, slug, id).await?;
        if !may(&import, state(&import)?) {
            // At once, not when the connection is next used: a worker passes over an import that is locked.
            tx.rollback().await?;
            return Err(Failure::Changed.into());
        }
        imports::set_state(&mut tx, at, to, Some(actor.membership)).await?;
        tx.commit().await?;
        Ok(().into())
    }
}

fn state(import: &Import) -> Result<ImportState, Error> {
    ImportState::from_code(&import.state)
        .ok_or_else(|| Error::Broken(format!("an import in an unknown state: {}", import.state)))
}

async fn begin(actor: Actor, mut tx: Tx, draft: &ImportDraft) -> Result<Begun, Error> {
    let wanted = draft.parse()?;
    offered(&wanted.options)?;
    if !allows(actor.permissions, wanted.options.mode) {
        return Err(Failure::Forbidden.into());
    }
    if let Some(role) = wanted.options.role {
        let roles = institutions::roles(&mut tx, actor.institution).await?;
        let mut given = roles.iter().filter(|it| it.id == role.as_uuid());
        if !given.any(|role| may_give(&actor, role)) {
            return Err(FieldProblem::new("role", Problem::Unknown).into());
        }
    }
    if let Some(earlier) = imports::by_key(&mut tx, actor.institution, &wanted.key).await? {
        return again(&actor, tx, &earlier, &wanted).await;
    }
    if imports::open(&mut tx, actor.institution).await? >= MOST_OPEN {
        return Err(Failure::TooManyTries { seconds: 3600 }.into());
    }
    let at = At {
        institution: actor.institution,
        import: Uuid::now_v7(),
    };
    let new = imports::New {
        key: &wanted.key,
        by: actor.membership,
        file_name: &wanted.file_name,
        size: i64::try_from(wanted.size).unwrap_or(i64::MAX),
        sha256: wanted.sha256.as_ref().map(|hash| &hash[..]),
        encoding: wanted.encoding.code(),
        delimiter: wanted.delimiter.code(),
        mapping: json(&wanted.mapping)?,
        options: json(&wanted.options)?,
    };
    if imports::insert(&mut tx, at, new).await? {
        tx.commit().await?;
        return Ok(Begun {
            id: at.import.to_string(),
            parts: Vec::new(),
        });
    }
    // A double click: the other request was first.
    let earlier = imports::by_key(&mut tx, actor.institution, &wanted.key)
        .await?
        .ok_or(Failure::Changed)?;
    again(&actor, tx, &earlier, &wanted).await
}

/// The import that was begun with the same key, where it is of the same file and asks for the same.
async fn again(
    actor: &Actor,
    mut tx: Tx,
    earlier: &Import,
    wanted: &NewImport,
) -> Result<Begun, Error> {
    let same = earlier.file_name == wanted.file_name
        && u64::try_from(earlier.size).is_ok_and(|size| size == wanted.size)
        && earlier.sha256.as_deref() == wanted.sha256.as_ref().map(|hash| &hash[..])
        && earlier.encoding == wanted.encoding.code()
        && earlier.delimiter == wanted.delimiter.code()
        && earlier.mapping == json(&wanted.mapping)?
        && earlier.options == json(&wanted.options)?
        && state(earlier)? != ImportState::Discarded;
    if !same {
        return Err(Failure::Changed.into());
    }
    let at = At {
        institution: actor.institution,
        import: earlier.id,
    };
    let parts = stored_parts::numbers(&mut tx, at).await?;
    Ok(Begun {
        id: earlier.id.to_string(),
        parts: parts
            .into_iter()
            .filter_map(|it| u32::try_from(it).ok())
            .collect(),
    })
}

/// What is not done yet is refused, never done in another way.
fn offered(options: &Options) -> Result<(), Error> {
    let mut problems = Vec::new();
    if options.access != Access::Invite {
        problems.push(FieldProblem::new("access", Problem::Unknown));
    }
    if options.send != Send::Now {
        problems.push(FieldProblem::new("send", Problem::Unknown));
    }
    if options.applying != Applying::RowByRow {
        problems.push(FieldProblem::new("applying", Problem::Unknown));
    }
    if problems.is_empty() {
        Ok(())
    } else {
        Err(problems.into())
    }
}

async fn edit(tx: &mut Tx, at: At, import: &Import, draft: &EditsDraft) -> Result<(), Error> {
    let state = state(import)?;
    if !matches!(
        state,
        ImportState::Uploading | ImportState::Planned | ImportState::Refused
    ) {
        return Err(Failure::Changed.into());
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
    if state == ImportState::Planned {
        imports::set_state(tx, at, "uploading", None).await?;
    }
    Ok(())
}

fn row(number: u32) -> Result<i32, Error> {
    i32::try_from(number)
        .ok()
        .filter(|number| *number > 0)
        .ok_or_else(|| FieldProblem::new("edits", Problem::Unknown).into())
}

fn json(value: impl serde::Serialize) -> Result<serde_json::Value, Error> {
    serde_json::to_value(value).map_err(|error| Error::Broken(error.to_string()))
}
