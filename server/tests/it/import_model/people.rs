//! The model: the people of the institution, and the verdict on each row of a file.

use std::collections::{BTreeMap, BTreeSet};

/// A person in the institution: invited, or a member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// A person who is invited again after leaving gets a new id.
    pub id: u32,
    pub active: bool,
    pub fields: Fields,
    /// Reserved until the invitation is accepted or ends; after acceptance the member's own.
    pub username: Option<String>,
}

/// The fields that rows and manual edits change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fields {
    pub first_name: String,
    pub last_name: String,
    pub phone: Option<String>,
    pub role: Role,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    Basic,
    Administrator,
}

impl Role {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Basic => "Basic",
            Self::Administrator => "Administrator",
        }
    }
}

/// A row of a file.
#[derive(Debug, Clone)]
pub struct Row {
    pub email: String,
    pub first_name: String,
    pub last_name: String,
    pub phone: Option<String>,
    pub role: Option<Role>,
    pub username: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    Add,
    Update,
    Both,
}

impl Mode {
    pub const fn code(self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::Update => "update",
            Self::Both => "both",
        }
    }
}

/// The verdict on a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The id of the new person, after the row is applied.
    Invite(Option<u32>),
    /// The id of the updated person, and the old values of the fields that differ.
    Update(u32, Old),
    Unchanged,
    Refused,
}

impl Verdict {
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Invite(_) => "invite",
            Self::Update(..) => "update",
            Self::Unchanged => "unchanged",
            Self::Refused => "refused",
        }
    }
}

/// The value of each changed field when the plan was made.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Old {
    first_name: Option<String>,
    last_name: Option<String>,
    /// Empty if the person had no phone.
    phone: Option<String>,
    role: Option<Role>,
}

/// The institution without its main contact.
#[derive(Debug, Default)]
pub struct People {
    pub by_email: BTreeMap<String, Person>,
    /// Usernames of people who have an account and have left.
    pub kept_names: BTreeSet<String>,
    next: u32,
}

impl People {
    pub fn add(&mut self, email: &str, fields: Fields, username: Option<String>) -> u32 {
        self.next += 1;
        let person = Person {
            id: self.next,
            active: false,
            fields,
            username,
        };
        self.by_email.insert(email.to_owned(), person);
        self.next
    }

    fn taken(&self, username: Option<&String>) -> bool {
        username.is_some_and(|name| {
            let mut names = self.by_email.values().filter_map(|it| it.username.as_ref());
            names.any(|it| it == name) || self.kept_names.contains(name)
        })
    }

    fn by_id(&mut self, id: u32) -> Option<&mut Person> {
        self.by_email.values_mut().find(|it| it.id == id)
    }

    /// Returns the plan's verdict on each row.
    pub fn plan(&self, rows: &[Row], mode: Mode) -> Vec<Verdict> {
        let mut seen = BTreeSet::new();
        rows.iter()
            .map(|row| {
                // If two rows have the same username, the first gets it.
                if let Some(name) = &row.username
                    && !seen.insert(name.clone())
                {
                    return Verdict::Refused;
                }
                match (self.by_email.get(&row.email), mode) {
                    (Some(_), Mode::Add) => Verdict::Unchanged,
                    (Some(person), _) => match differences(row, &person.fields) {
                        old if old == Old::default() => Verdict::Unchanged,
                        old => Verdict::Update(person.id, old),
                    },
                    (None, Mode::Update) => Verdict::Refused,
                    (None, _) if self.taken(row.username.as_ref()) => Verdict::Refused,
                    (None, _) => Verdict::Invite(None),
                }
            })
            .collect()
    }

    /// Applies a chunk: first judges all rows by the current state, then writes them.
    pub fn apply(&mut self, rows: &[Row], verdicts: &mut [Verdict]) {
        for (row, verdict) in rows.iter().zip(&mut *verdicts) {
            let refused = match &*verdict {
                Verdict::Invite(_) => {
                    self.by_email.contains_key(&row.email) || self.taken(row.username.as_ref())
                }
                Verdict::Update(id, old) => {
                    let person = self.by_email.values().find(|it| it.id == *id);
                    person.is_none_or(|it| !old.still(&it.fields))
                }
                _ => false,
            };
            if refused {
                *verdict = Verdict::Refused;
            }
        }
        for (row, verdict) in rows.iter().zip(verdicts) {
            match verdict {
                Verdict::Invite(made) => {
                    let fields = Fields {
                        first_name: row.first_name.clone(),
                        last_name: row.last_name.clone(),
                        phone: row.phone.clone(),
                        role: row.role.unwrap_or(Role::Basic),
                    };
                    *made = Some(self.add(&row.email, fields, row.username.clone()));
                }
                Verdict::Update(id, old) => {
                    if let Some(person) = self.by_id(*id) {
                        old.change(row, &mut person.fields);
                    }
                }
                _ => {}
            }
        }
    }

    /// Undoes a row; returns whether a part of it is kept.
    pub fn undo(&mut self, row: &Row, verdict: &Verdict) -> Option<bool> {
        match verdict {
            Verdict::Invite(made) => {
                let made = (*made)?;
                let person = self.by_id(made).map(|it| it.active);
                if person == Some(false) {
                    self.by_email.retain(|_, it| it.id != made);
                }
                Some(person == Some(true))
            }
            Verdict::Update(id, old) => Some(
                self.by_id(*id)
                    .is_some_and(|it| old.put_back(row, &mut it.fields)),
            ),
            _ => None,
        }
    }
}

fn differences(row: &Row, fields: &Fields) -> Old {
    Old {
        first_name: (row.first_name != fields.first_name).then(|| fields.first_name.clone()),
        last_name: (row.last_name != fields.last_name).then(|| fields.last_name.clone()),
        phone: (row.phone.is_some() && row.phone != fields.phone)
            .then(|| fields.phone.clone().unwrap_or_default()),
        role: (row.role.is_some_and(|role| role != fields.role)).then_some(fields.role),
    }
}

impl Old {
    /// Returns whether every field still has its old value.
    fn still(&self, now: &Fields) -> bool {
        self.first_name
            .as_ref()
            .is_none_or(|it| *it == now.first_name)
            && self
                .last_name
                .as_ref()
                .is_none_or(|it| *it == now.last_name)
            && self
                .phone
                .as_deref()
                .is_none_or(|it| it == now.phone.as_deref().unwrap_or_default())
            && self.role.is_none_or(|it| it == now.role)
    }

    fn change(&self, row: &Row, now: &mut Fields) {
        if self.first_name.is_some() {
            now.first_name.clone_from(&row.first_name);
        }
        if self.last_name.is_some() {
            now.last_name.clone_from(&row.last_name);
        }
        if self.phone.is_some() {
            now.phone.clone_from(&row.phone);
        }
        if let (Some(_), Some(role)) = (self.role, row.role) {
            now.role = role;
        }
    }

    /// Restores the fields that still have the row's value; returns whether another value is kept.
    fn put_back(&self, row: &Row, now: &mut Fields) -> bool {
        let mut kept = false;
        back(
            &mut now.first_name,
            self.first_name.as_ref(),
            &row.first_name,
            &mut kept,
        );
        back(
            &mut now.last_name,
            self.last_name.as_ref(),
            &row.last_name,
            &mut kept,
        );
        let mut phone = now.phone.take().unwrap_or_default();
        let new = row.phone.clone().unwrap_or_default();
        back(&mut phone, self.phone.as_ref(), &new, &mut kept);
        now.phone = (!phone.is_empty()).then_some(phone);
        if let Some(wanted) = row.role {
            back(&mut now.role, self.role.as_ref(), &wanted, &mut kept);
        }
        kept
    }
}

fn back<T: PartialEq + Clone>(now: &mut T, old: Option<&T>, new: &T, kept: &mut bool) {
    match old {
        Some(old) if now == new => now.clone_from(old),
        Some(old) if now != old => *kept = true,
        _ => {}
    }
}
