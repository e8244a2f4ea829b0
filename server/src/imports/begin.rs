//! A file is announced. Who begins twice with one key has one import; another file under the same key is refused.

use app::imports::api::{Begun, ImportState};
use muster::{
    draft::{ImportDraft, NewImport},
    failure::Failure,
    import::{Applying, Options, Send},
    problem::{FieldProblem, Problem},
};
use uuid::Uuid;

use super::{json, state};
use crate::{
    error::Error,
    importer::allows,
    invitations::may_give,
    service::Actor,
    store::{
        Tx,
        imports::{self, At, Import, parts},
        institutions,
    },
};

/// Files that an institution has here at once without having applied them: each may be 2 GB.
const MOST_OPEN: i64 = 20;

pub(super) async fn begin(actor: Actor, mut tx: Tx, draft: &ImportDraft) -> Result<Begun, Error> {
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
    let parts = parts::numbers(&mut tx, at).await?;
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
