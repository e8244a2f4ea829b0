//! Staging one row of the file, checked by the same functions as in the browser.

use muster::{
    ids::{InstitutionId, MembershipId, RoleId},
    import::{
        Change, Column, Fault, FaultKind, Fields, Layout, Mode, Options, Person, PersonDraft,
        Reason, Record, Roles, inert,
    },
};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::copy::Copy;
use crate::{
    keys::Keys,
    store::imports::edits::{Edit, LEFT_OUT},
};

/// The number of columns of the staging table (`store::imports::judge`).
const FIELDS: i16 = 18;
/// The number of characters shown of a cell of a rejected row.
const SHOWN: usize = 200;
/// The longest value of a further column in bytes: a sentence or two, with any number of columns.
const MAX_ATTRIBUTE_BYTES: u32 = 2000;

/// The longest name of a further column in characters. It is stored again for each row.
const ATTRIBUTE_NAME: usize = 100;

/// The rules for a file's rows that need no database.
pub(super) struct Judging {
    pub(super) institution: InstitutionId,
    pub(super) keys: Keys,
    pub(super) options: Options,
    pub(super) roles: Roles,
    pub(super) layout: Layout,
    pub(super) headers: Vec<String>,
}

impl Edit {
    /// Returns whether [`Judging::stage`] applies the correction.
    pub(super) fn is_known(&self) -> bool {
        self.field == LEFT_OUT || self.field.parse::<Column>().is_ok()
    }
}

impl Judging {
    /// Appends the row with its corrections.
    pub(super) fn stage(&self, record: &Record<'_>, edits: &[Edit], copy: &mut Copy) {
        let left_out = edits.iter().any(|edit| edit.field == LEFT_OUT);
        let mut draft = PersonDraft::new(record.fields, &self.layout);
        for edit in edits {
            if let Ok(column) = edit.field.parse::<Column>() {
                draft.set(column, &edit.value);
            }
        }
        let judged = match record.fault {
            Some(fault) => Err(vec![Reason::Fault(fault)]),
            None => draft
                .check(&self.options, &self.roles)
                .map_err(|problems| problems.into_iter().map(Reason::Cell).collect()),
        };
        let judged = judged.and_then(|person| {
            let attributes = self.attributes(record)?;
            Ok((person, attributes))
        });
        copy.row(FIELDS);
        copy.field(
            &i32::try_from(record.number)
                .unwrap_or(i32::MAX)
                .to_be_bytes(),
        );
        copy.field(&i64::try_from(record.line).unwrap_or(i64::MAX).to_be_bytes());
        match judged {
            Ok((person, attributes)) if !left_out => self.sound(&person, attributes.as_ref(), copy),
            judged => {
                // Skipped rows keep their reasons too, for the report.
                let reasons = judged.err().unwrap_or_default();
                shown(&draft, left_out, &json!(reasons), copy);
            }
        }
    }

    fn sound(&self, person: &Person, attributes: Option<&Value>, copy: &mut Copy) {
        copy.boolean(true);
        copy.boolean(false);
        copy.text(
            person
                .username
                .as_ref()
                .map(muster::username::Username::as_str),
        );
        copy.text(
            person
                .first_name
                .as_ref()
                .map(muster::person_name::PersonName::as_str),
        );
        copy.text(
            person
                .last_name
                .as_ref()
                .map(muster::person_name::PersonName::as_str),
        );
        copy.text(
            person
                .email
                .as_ref()
                .map(muster::email::EmailAddress::as_str),
        );
        match &person.phone {
            Change::Set(phone) => copy.text(Some(phone.as_str())),
            Change::Leave | Change::Clear => copy.null(),
        }
        copy.boolean(person.phone != Change::Leave);
        copy.uuid(person.role.map(RoleId::as_uuid));
        match &person.language {
            Change::Set(language) => copy.text(Some(language.code())),
            Change::Leave | Change::Clear => copy.null(),
        }
        match person.change_password {
            Some(change) => copy.boolean(change),
            None => copy.null(),
        }
        copy.jsonb(attributes);
        copy.field(b"\x01[]");
        // In the mode `Both` only the database knows which people are new.
        let lacks = if self.options.mode == Mode::Both {
            person.lacks(&self.options, true)
        } else {
            Vec::new()
        };
        if lacks.is_empty() {
            copy.null();
        } else {
            let lacks: Vec<Reason> = lacks.into_iter().map(Reason::Cell).collect();
            copy.jsonb(Some(&json!(lacks)));
        }
        if self.options.mode == Mode::Update {
            copy.null();
            copy.null();
        } else {
            let id = Uuid::now_v7();
            copy.uuid(Some(id));
            let token = self
                .keys
                .invitation(self.institution, MembershipId::from_uuid(id), 1);
            copy.field(&token.hash());
        }
    }

    /// Returns the non-empty further columns by their headers, or `None` if there are none.
    fn attributes(&self, record: &Record<'_>) -> Result<Option<Value>, Vec<Reason>> {
        let mut attributes = Map::new();
        for &index in self.layout.attributes() {
            let cell = inert::unescape(cell(record.fields, index)).trim();
            let header = self.headers.get(index).map_or("", |header| header.trim());
            if cell.is_empty() || header.is_empty() || self.options.clears(cell) {
                continue;
            }
            if cell.len() > MAX_ATTRIBUTE_BYTES as usize {
                return Err(vec![Reason::Fault(Fault {
                    kind: FaultKind::FieldTooLong {
                        maximum: u64::from(MAX_ATTRIBUTE_BYTES),
                    },
                    line: record.line,
                    column: 1,
                })]);
            }
            let name = header.chars().take(ATTRIBUTE_NAME).collect();
            attributes.insert(name, Value::String(cell.to_owned()));
        }
        Ok((!attributes.is_empty()).then_some(Value::Object(attributes)))
    }
}

fn cell(fields: Fields<'_>, index: usize) -> &str {
    fields.get(index).unwrap_or_default()
}

/// Appends a rejected or skipped row with its shortened cells.
fn shown(draft: &PersonDraft<'_>, left_out: bool, reasons: &Value, copy: &mut Copy) {
    let (first_name, last_name) = draft.names();
    copy.boolean(false);
    copy.boolean(left_out);
    for text in [
        draft.cell(Column::Username),
        first_name,
        last_name,
        draft.cell(Column::Email),
    ] {
        // Postgres cannot store NUL in text.
        let text: String = text.chars().filter(|it| *it != '\0').take(SHOWN).collect();
        copy.text(Some(&text));
    }
    copy.null();
    copy.boolean(false);
    copy.null();
    copy.null();
    copy.null();
    copy.null();
    copy.jsonb(Some(reasons));
    copy.null();
    copy.null();
    copy.null();
}
