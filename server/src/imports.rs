//! Bulk import for its pages: begin, upload in parts, edit, plan, apply, undo.
//!
//! The `importer` does the work. These functions change the states, under the import's lock.

mod begin;
mod edit;
mod mailing;
mod parts;
mod report;
mod rows;
mod view;

pub use parts::{LARGEST_PART, Part};
pub use report::{Download, Only, said};

use async_trait::async_trait;
use muster::{
    draft::{ImportDraft, SendTimeDraft},
    failure::Failure,
    import::{ImportState, Mapping, Options, RowsKind},
    permission::Permission,
};
use rpc::{
    Caller, Outcome,
    imports::{
        Begun, EditsDraft, ImportRoles, ImportRows, ImportSummary, ImportView, Imports,
        RememberedMapping,
    },
};
use uuid::Uuid;

use crate::{
    connection_limits::LimitedTx,
    error::{Error, boundary},
    importer::{allows, mapping_key, names_of, read_json},
    invitations::choices_of,
    service::{Actor, Service},
    store::{
        imports::{self, At, Import, edits as stored_edits, parts as stored_parts},
        institutions,
    },
};

#[async_trait]
impl Imports for Service {
    async fn imports(&self, caller: &Caller, slug: &str) -> Outcome<Vec<ImportSummary>> {
        boundary("imports", async {
            Ok(self.list_imports(caller, slug).await?.into())
        })
        .await
    }

    async fn import_roles(&self, caller: &Caller, slug: &str) -> Outcome<ImportRoles> {
        boundary("import_roles", async {
            let (actor, mut tx) = self.importing(caller, slug).await?;
            let roles = institutions::roles(&mut tx, actor.institution).await?;
            let named = names_of(&roles).into_iter().collect();
            let choices = choices_of(&actor, roles);
            Ok(ImportRoles { choices, named }.into())
        })
        .await
    }

    async fn remembered_mapping(
        &self,
        caller: &Caller,
        slug: &str,
        headers: &[String],
    ) -> Outcome<RememberedMapping> {
        boundary("remembered_mapping", async {
            let (actor, mut tx) = self.importing(caller, slug).await?;
            let headers: Vec<&str> = headers.iter().map(String::as_str).collect();
            let key = mapping_key(&headers);
            let found = imports::remembered(&mut tx, actor.institution, &key).await?;
            let mapping = found.as_ref().map(read_json::<Mapping>).transpose()?;
            let mapping = mapping.and_then(|mapping| mapping.recalled(&headers));
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
        boundary("begin_import", async {
            let (actor, tx) = self.importing(caller, slug).await?;
            Ok(begin::begin(actor, tx, draft).await?.into())
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
        boundary("edit_import", async {
            let (_, at, import, mut tx) = self.locked_import(caller, slug, id).await?;
            edit::edit(&mut tx, at, &import, draft).await?;
            tx.commit().await?;
            Ok(().into())
        })
        .await
    }

    async fn plan_import(&self, caller: &Caller, slug: &str, id: &str) -> Outcome<()> {
        boundary("plan_import", async {
            let (actor, at, import, mut tx) = self.locked_import(caller, slug, id).await?;
            let state = state(&import)?;
            if state == ImportState::Checking {
                // A repeated request, after a lost answer.
                tx.rollback().await?;
                return Ok(().into());
            }
            let whole = i64::from(import.parts) == parts::expected(import.size);
            let ready = [
                ImportState::Uploading,
                ImportState::Planned,
                ImportState::Refused,
                ImportState::Failed,
            ];
            if !whole || !ready.contains(&state) {
                tx.rollback().await?;
                return Err(Failure::Conflict.into());
            }
            imports::set_state(&mut tx, at, "checking", Some(actor.membership)).await?;
            tx.commit().await?;
            Ok(().into())
        })
        .await
    }

    async fn import_view(&self, caller: &Caller, slug: &str, id: &str) -> Outcome<ImportView> {
        boundary("import_view", async {
            Ok(self.view_import(caller, slug, id).await?.into())
        })
        .await
    }

    async fn import_rows(
        &self,
        caller: &Caller,
        slug: &str,
        id: &str,
        kind: RowsKind,
        after: u32,
    ) -> Outcome<ImportRows> {
        boundary("import_rows", async {
            Ok(self
                .rows_of_import(caller, slug, id, kind, after)
                .await?
                .into())
        })
        .await
    }

    async fn apply_import(&self, caller: &Caller, slug: &str, id: &str) -> Outcome<()> {
        boundary(
            "apply_import",
            self.go_to(caller, slug, id, "applying", |import, state| {
                view::may_apply(import, state)
            }),
        )
        .await
    }

    async fn stop_import(&self, caller: &Caller, slug: &str, id: &str) -> Outcome<()> {
        boundary(
            "stop_import",
            self.go_to(caller, slug, id, "stopped", |_, state| {
                Ok(state == ImportState::Applying)
            }),
        )
        .await
    }

    async fn resume_import(&self, caller: &Caller, slug: &str, id: &str) -> Outcome<()> {
        boundary(
            "resume_import",
            self.go_to(caller, slug, id, "applying", |_, state| {
                Ok(state == ImportState::Stopped)
            }),
        )
        .await
    }

    async fn undo_import(&self, caller: &Caller, slug: &str, id: &str) -> Outcome<()> {
        boundary(
            "undo_import",
            self.go_to(caller, slug, id, "undoing", |import, state| {
                Ok(view::may_undo(import, state))
            }),
        )
        .await
    }

    async fn discard_import(&self, caller: &Caller, slug: &str, id: &str) -> Outcome<()> {
        boundary("discard_import", async {
            let (_, at, import, mut tx) = self.locked_import(caller, slug, id).await?;
            if !view::may_discard(&import, state(&import)?) {
                return Err(Failure::Conflict.into());
            }
            imports::set_state(&mut tx, at, "discarded", None).await?;
            stored_parts::delete(&mut tx, at).await?;
            tx.commit().await?;
            Ok(().into())
        })
        .await
    }

    async fn leave_out_refused(&self, caller: &Caller, slug: &str, id: &str) -> Outcome<()> {
        boundary("leave_out_refused", async {
            let (actor, at, import, mut tx) = self.locked_import(caller, slug, id).await?;
            if !view::may_leave_out(&import, state(&import)?)? {
                tx.rollback().await?;
                return Err(Failure::Conflict.into());
            }
            stored_edits::leave_out_refused(&mut tx, at).await?;
            imports::set_state(&mut tx, at, "checking", Some(actor.membership)).await?;
            tx.commit().await?;
            Ok(().into())
        })
        .await
    }

    async fn send_import(&self, caller: &Caller, slug: &str, id: &str) -> Outcome<()> {
        boundary("send_import", async {
            Ok(self.send_waiting(caller, slug, id).await?.into())
        })
        .await
    }

    async fn schedule_import(
        &self,
        caller: &Caller,
        slug: &str,
        id: &str,
        draft: &SendTimeDraft,
    ) -> Outcome<()> {
        boundary("schedule_import", async {
            Ok(self.schedule(caller, slug, id, draft).await?.into())
        })
        .await
    }

    async fn unschedule_import(&self, caller: &Caller, slug: &str, id: &str) -> Outcome<()> {
        boundary("unschedule_import", async {
            Ok(self.unschedule(caller, slug, id).await?.into())
        })
        .await
    }
}

impl Service {
    /// Returns the caller if they have any permission to import.
    async fn importing(&self, caller: &Caller, slug: &str) -> Result<(Actor, LimitedTx), Error> {
        let (actor, tx) = self.actor(caller, slug).await?;
        imports_in_some_way(&actor)?;
        Ok((actor, tx))
    }

    /// Returns an import of the caller's institution.
    async fn one_import(
        &self,
        caller: &Caller,
        slug: &str,
        id: &str,
    ) -> Result<(Actor, At, Import, LimitedTx), Error> {
        let (actor, mut tx) = self.importing(caller, slug).await?;
        let at = At {
            institution: actor.institution,
            import: Uuid::try_parse(id).map_err(|_| Failure::NotFound)?,
        };
        let import = imports::get(&mut tx, at).await?.ok_or(Failure::NotFound)?;
        Ok((actor, at, import, tx))
    }

    /// Same as `one_import`, with the import locked until the transaction ends, if the caller may make these changes. A
    /// worker holds the lock during a step, so requests wait for their turn without a connection.
    async fn locked_import(
        &self,
        caller: &Caller,
        slug: &str,
        id: &str,
    ) -> Result<(Actor, At, Import, LimitedTx), Error> {
        let (before, at, _, tx) = self.one_import(caller, slug, id).await?;
        tx.rollback().await?;
        let mut tx = self.changing(before.institution, before.account).await?;
        let actor = Self::open(&mut tx, caller, slug).await?;
        imports_in_some_way(&actor)?;
        let import = imports::lock(&mut tx, at).await?.ok_or(Failure::NotFound)?;
        let options: Options = read_json(&import.options)?;
        if !allows(actor.permissions, options.mode) {
            return Err(Failure::Forbidden.into());
        }
        Ok((actor, at, import, tx))
    }

    /// Changes the import's state in the caller's name if `may` allows it. A repeated request (a double click, a lost
    /// answer) finds the new state and succeeds.
    async fn go_to(
        &self,
        caller: &Caller,
        slug: &str,
        id: &str,
        to: &str,
        may: impl FnOnce(&Import, ImportState) -> Result<bool, Error>,
    ) -> Result<rpc::Answer<()>, Error> {
        let (actor, at, import, mut tx) = self.locked_import(caller, slug, id).await?;
        let goes = import.state == to;
        if goes || !may(&import, state(&import)?)? {
            // Rolled back now, not when the connection is used next: workers skip a locked import.
            tx.rollback().await?;
            return if goes {
                Ok(().into())
            } else {
                Err(Failure::Conflict.into())
            };
        }
        imports::set_state(&mut tx, at, to, Some(actor.membership)).await?;
        tx.commit().await?;
        Ok(().into())
    }
}

fn imports_in_some_way(actor: &Actor) -> Result<(), Error> {
    actor
        .needs(Permission::InviteUsers)
        .or_else(|_| actor.needs(Permission::EditUsers))
}

fn state(import: &Import) -> Result<ImportState, Error> {
    import
        .state
        .parse()
        .map_err(|_| Error::internal(format!("an import in an unknown state: {}", import.state)))
}
