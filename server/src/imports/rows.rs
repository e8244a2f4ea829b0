//! The rows of a plan or a result, with their problems, changes and members.

use std::collections::HashMap;

use i18n::role_name;
use muster::{
    import::{FieldChange, Reason, RowsKind, Verdict},
    language::Language,
};
use rpc::{
    Caller,
    imports::{ImportRow, ImportRows, ROWS_A_PAGE},
};
use serde_json::Value;

use super::view::count;
use crate::{
    error::Error,
    importer::read_json,
    service::Service,
    store::{imports::rows, institutions},
};

impl Service {
    pub(super) async fn rows_of_import(
        &self,
        caller: &Caller,
        slug: &str,
        id: &str,
        kind: RowsKind,
        after: u32,
    ) -> Result<ImportRows, Error> {
        let (actor, at, _, mut tx) = self.one_import(caller, slug, id).await?;
        let after = i32::try_from(after).unwrap_or(i32::MAX);
        let one_more = i64::try_from(ROWS_A_PAGE + 1).unwrap_or(i64::MAX);
        let mut found = rows::page(&mut tx, at, code(kind), after, one_more).await?;
        let more = found.len() > ROWS_A_PAGE;
        found.truncate(ROWS_A_PAGE);
        let next = found
            .last()
            .filter(|_| more)
            .map(|row| count(i64::from(row.number)));
        let roles: HashMap<String, String> = institutions::roles(&mut tx, actor.institution)
            .await?
            .into_iter()
            .map(|role| {
                let name = role_name(actor.language, role.code.as_deref(), &role.name);
                (role.id.to_string(), name)
            })
            .collect();
        let rows = found
            .into_iter()
            .map(|row| shown(row, &roles, actor.language))
            .collect::<Result<_, Error>>()?;
        Ok(ImportRows { rows, next })
    }
}

const fn code(kind: RowsKind) -> &'static str {
    match kind {
        RowsKind::Invite => "invite",
        RowsKind::Update => "update",
        RowsKind::Unchanged => "unchanged",
        RowsKind::Warnings => "warnings",
        RowsKind::Refused => "refused",
        RowsKind::LeftOut => "left_out",
        RowsKind::Kept => "kept",
    }
}

fn shown(
    row: rows::Row,
    roles: &HashMap<String, String>,
    language: Language,
) -> Result<ImportRow, Error> {
    let verdict = match row.verdict.as_str() {
        "invite" => Verdict::Invite,
        "update" => Verdict::Update,
        "unchanged" => Verdict::Unchanged,
        "left_out" => Verdict::LeftOut,
        "refused" => Verdict::Refused,
        unknown => return Err(Error::internal(format!("a row with the verdict {unknown}"))),
    };
    let mut reasons: Vec<Reason> = read_json(&row.reasons)?;
    for reason in &mut reasons {
        if let Reason::Changed {
            field,
            old,
            file,
            current,
        } = reason
            && field == "role"
        {
            for id in [old, file, current] {
                if let Some(name) = roles.get(id) {
                    id.clone_from(name);
                }
            }
        }
    }
    let name = |code: Option<&str>, name: Option<&str>| {
        name.map(|name| role_name(language, code, name))
            .unwrap_or_default()
    };
    let role = name(row.role_code.as_deref(), row.role_name.as_deref());
    let old_role = name(row.old_role_code.as_deref(), row.old_role_name.as_deref());
    let changes = row.old.as_ref().and_then(Value::as_object).map(|old| {
        old.iter()
            .map(|(field, before)| {
                let (old, new) = match field.as_str() {
                    "first_name" => (text(before), row.first_name.clone()),
                    "last_name" => (text(before), row.last_name.clone()),
                    "phone" => (text(before), row.phone.clone()),
                    "role" => (old_role.clone(), Some(role.clone())),
                    _ => (text(before), row.attributes.as_ref().map(text)),
                };
                FieldChange {
                    field: field.clone(),
                    old,
                    new: new.unwrap_or_default(),
                }
            })
            .collect()
    });
    Ok(ImportRow {
        row: count(i64::from(row.number)),
        line: u64::try_from(row.line).unwrap_or(0),
        username: row.username.unwrap_or_default(),
        first_name: row.first_name.unwrap_or_default(),
        last_name: row.last_name.unwrap_or_default(),
        email: row.email.unwrap_or_default(),
        role,
        verdict,
        reasons,
        changes: changes.unwrap_or_default(),
        user: row.membership_id.map(|id| id.to_string()),
    })
}

/// Returns a field's value as text. Further columns become a list of `name: value`.
fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Object(fields) => fields
            .iter()
            .map(|(name, value)| format!("{name}: {}", text(value)))
            .collect::<Vec<_>>()
            .join(", "),
        other => other.to_string(),
    }
}
