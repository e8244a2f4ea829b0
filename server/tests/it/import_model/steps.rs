//! What people do, done to the server and to the model alike.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::{Debug, Write as _},
};

use proptest::{collection::vec, option, prelude::*, sample};
use serde_json::{Value, json};
use server::importer::Stepped;

use super::people::{Fields, Mode, People, Role, Row, Verdict};
use crate::support::{Import, Person, Site, draft, link, new_account};

/// Addresses of an institution.
const ADDRESSES: usize = 5;
/// Rows of a chunk.
const CHUNK: usize = 2;

/// What is done.
#[derive(Debug, Clone)]
pub enum Step {
    /// A file is uploaded and planned: row by row whose, and what it says.
    Plan(Mode, Vec<(usize, Said)>),
    /// A planned import is applied, with something done by hand after its first chunk.
    Apply(usize, Option<Hand>),
    /// The like for undoing.
    Undo(usize, Option<Hand>),
    Hand(Hand),
}

/// What is done by hand, to whom.
#[derive(Debug, Clone)]
pub enum Hand {
    Edit(usize, Said),
    Invite(usize, Role),
    Accept(usize),
    Leave(usize),
}

/// What is said of somebody.
#[derive(Debug, Clone)]
pub struct Said {
    first_name: String,
    last_name: String,
    phone: Option<String>,
    role: Option<Role>,
    username: Option<usize>,
}

fn said() -> impl Strategy<Value = Said> {
    (
        sample::select(vec!["Ines", "Tom", "Marty"]),
        sample::select(vec!["Caro", "Berg", "Quist"]),
        option::of(sample::select(vec!["+41791234567", "+41791234568"])),
        option::of(role()),
        option::of(0..ADDRESSES + 2),
    )
        .prop_map(|(first_name, last_name, phone, role, username)| Said {
            first_name: first_name.to_owned(),
            last_name: last_name.to_owned(),
            phone: phone.map(str::to_owned),
            role,
            username,
        })
}

fn role() -> impl Strategy<Value = Role> {
    sample::select(vec![Role::Basic, Role::Administrator])
}

fn hand() -> impl Strategy<Value = Hand> {
    prop_oneof![
        3 => (0..ADDRESSES, said()).prop_map(|(who, said)| Hand::Edit(who, said)),
        1 => (0..ADDRESSES, role()).prop_map(|(who, role)| Hand::Invite(who, role)),
        2 => (0..ADDRESSES).prop_map(Hand::Accept),
        1 => (0..ADDRESSES).prop_map(Hand::Leave),
    ]
}

/// Some steps, of which the first makes a file.
pub fn some_steps() -> impl Strategy<Value = Vec<Step>> {
    let plan = || {
        let whose = sample::subsequence((0..ADDRESSES).collect::<Vec<_>>(), 1..=ADDRESSES);
        let mode = sample::select(vec![Mode::Add, Mode::Update, Mode::Both, Mode::Both]);
        (mode, whose.prop_shuffle(), vec(said(), ADDRESSES))
            .prop_map(|(mode, whose, said)| Step::Plan(mode, whose.into_iter().zip(said).collect()))
    };
    let step = prop_oneof![
        3 => plan(),
        4 => (any::<usize>(), option::of(hand())).prop_map(|(which, hand)| Step::Apply(which, hand)),
        3 => (any::<usize>(), option::of(hand())).prop_map(|(which, hand)| Step::Undo(which, hand)),
        3 => hand().prop_map(Step::Hand),
    ];
    (plan(), vec(step, 6..14)).prop_map(|(first, mut rest)| {
        rest.insert(0, first);
        rest
    })
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Planned,
    Done,
    Undone,
}

struct Known {
    import: Import,
    rows: Vec<Row>,
    verdicts: Vec<Verdict>,
    /// Of each row: nothing, undone, or kept.
    undone: Vec<Option<bool>>,
    state: State,
}

/// An institution and its model.
pub struct Play<'a> {
    site: &'a Site,
    case: u32,
    chief: Person,
    /// The ids of roles by their names.
    roles: BTreeMap<&'static str, String>,
    people: People,
    imports: Vec<Known>,
    /// The last mailed link of each address.
    links: BTreeMap<String, String>,
    /// Addresses that have an account.
    accounts: BTreeSet<String>,
}

impl<'a> Play<'a> {
    /// A new institution.
    pub async fn begin(site: &'a Site, case: u32) -> Self {
        // What a case that failed left under way.
        sqlx::query("UPDATE muster.imports SET state = 'discarded' WHERE state IN ('checking', 'applying', 'undoing')")
            .execute(site.sql())
            .await
            .unwrap();
        let letters: String = case
            .to_string()
            .bytes()
            .map(|digit| char::from(digit - b'0' + b'a'))
            .collect();
        let chief = site.institution(&format!("Case {letters}")).await;
        let mut roles = BTreeMap::new();
        for role in [Role::Basic, Role::Administrator] {
            roles.insert(role.name(), site.role(&chief, role.name()).await);
        }
        Self {
            site,
            case,
            chief,
            roles,
            people: People::default(),
            imports: Vec::new(),
            links: BTreeMap::new(),
            accounts: BTreeSet::new(),
        }
    }

    /// Does it, and compares.
    pub async fn step(&mut self, step: Step) -> Result<(), String> {
        self.site.let_time_pass().await;
        match step {
            Step::Plan(mode, rows) => self.plan(mode, rows).await,
            Step::Hand(hand) => self.hand(hand).await,
            Step::Apply(which, hand) => {
                if let Some(which) = self.one_that_is(State::Planned, which) {
                    self.goes_on(which, "apply_import", hand).await;
                }
            }
            Step::Undo(which, hand) => {
                if let Some(which) = self.one_that_is(State::Done, which) {
                    self.goes_on(which, "undo_import", hand).await;
                }
            }
        }
        self.compare().await
    }

    fn one_that_is(&self, state: State, which: usize) -> Option<usize> {
        let of_state: Vec<usize> = (0..self.imports.len())
            .filter(|it| self.imports[*it].state == state)
            .collect();
        (!of_state.is_empty()).then(|| of_state[which % of_state.len()])
    }

    fn address(&self, who: usize) -> String {
        format!("person{who}@case{}.example", self.case)
    }

    /// The first ones are those that people choose when they accept.
    fn username(&self, which: usize) -> String {
        format!("finch{}x{which}", self.case)
    }

    async fn plan(&mut self, mode: Mode, rows: Vec<(usize, Said)>) {
        let rows: Vec<Row> = rows
            .into_iter()
            .map(|(who, said)| Row {
                email: self.address(who),
                first_name: said.first_name,
                last_name: said.last_name,
                phone: said.phone,
                role: said.role,
                username: said.username.map(|it| self.username(it)),
            })
            .collect();
        let mut csv = "email,first_name,last_name,phone,role,username\n".to_owned();
        for row in &rows {
            writeln!(
                csv,
                "{},{},{},{},{},{}",
                row.email,
                row.first_name,
                row.last_name,
                row.phone.as_deref().unwrap_or_default(),
                row.role.map(Role::name).unwrap_or_default(),
                row.username.as_deref().unwrap_or_default()
            )
            .unwrap();
        }
        let mut wanted = draft(csv.as_bytes(), &self.roles["Basic"]);
        wanted["options"]["mode"] = json!(mode.code());
        let (browser, slug) = (&self.chief.browser, &self.chief.slug);
        let import = browser.upload(slug, csv.as_bytes(), &wanted).await;
        self.site.cut(&import, u32::try_from(CHUNK).unwrap()).await;
        browser.does("plan_import", &import).await;
        self.site.work().await;
        self.imports.push(Known {
            verdicts: self.people.plan(&rows, mode),
            undone: vec![None; rows.len()],
            import,
            rows,
            state: State::Planned,
        });
    }

    /// Chunk by chunk, as a worker does it.
    async fn goes_on(&mut self, which: usize, function: &str, mut hand: Option<Hand>) {
        let browser = &self.chief.browser;
        browser.does(function, &self.imports[which].import).await;
        let importer = self.site.importer();
        let mut work = importer.claim().await.unwrap().unwrap();
        let rows = self.imports[which].rows.len();
        for from in (0..rows).step_by(CHUNK) {
            let chunk = from..rows.min(from + CHUNK);
            let stepped = importer.step(&mut work).await.unwrap();
            assert_eq!(stepped == Stepped::Ended, chunk.end == rows);
            let known = &mut self.imports[which];
            if known.state == State::Planned {
                let verdicts = &mut known.verdicts[chunk.clone()];
                self.people.apply(&known.rows[chunk], verdicts);
            } else {
                for row in chunk {
                    known.undone[row] = self.people.undo(&known.rows[row], &known.verdicts[row]);
                }
            }
            if let Some(hand) = hand.take() {
                self.hand(hand).await;
            }
        }
        let known = &mut self.imports[which];
        known.state = match known.state {
            State::Planned => State::Done,
            _ => State::Undone,
        };
    }

    async fn hand(&mut self, hand: Hand) {
        match hand {
            Hand::Edit(who, said) => self.edit(who, said).await,
            Hand::Invite(who, role) => self.invite(who, role).await,
            Hand::Accept(who) => self.accept(who).await,
            Hand::Leave(who) => self.leave(who).await,
        }
    }

    async fn about(&self, email: &str) -> Value {
        json!({ "slug": self.chief.slug, "id": self.site.membership(email).await })
    }

    async fn edit(&mut self, who: usize, said: Said) {
        let email = self.address(who);
        let Some(person) = self.people.by_email.get_mut(&email) else {
            return;
        };
        person.fields = Fields {
            first_name: said.first_name,
            last_name: said.last_name,
            phone: said.phone,
            role: said.role.unwrap_or(person.fields.role),
        };
        let fields = person.fields.clone();
        let mut arguments = self.about(&email).await;
        let view = self.chief.browser.call("user", &arguments).await;
        let view = view.expect(200).json();
        arguments["draft"] = json!({
            "first_name": fields.first_name, "last_name": fields.last_name,
            "phone": fields.phone.unwrap_or_default(), "role": self.roles[fields.role.name()],
            "version": view["version"].to_string(),
        });
        let edited = self.chief.browser.call("edit_user", &arguments).await;
        assert_eq!(edited.expect(200).json(), json!("Saved"));
    }

    async fn invite(&mut self, who: usize, role: Role) {
        let email = self.address(who);
        if self.people.by_email.contains_key(&email) {
            return;
        }
        let outcome = self.site.invite(&self.chief, &email, role.name()).await;
        assert_eq!(outcome, json!("Invited"));
        let fields = Fields {
            first_name: String::new(),
            last_name: String::new(),
            phone: None,
            role,
        };
        self.people.add(&email, fields, None);
    }

    /// Whoever has an account joins otherwise, which is not looked at here.
    async fn accept(&mut self, who: usize) {
        let (email, username) = (self.address(who), self.username(who));
        for mail in self.site.mails().await {
            self.links.insert(mail.recipient.clone(), link(&mail));
        }
        let reserved_by_another = self
            .people
            .by_email
            .iter()
            .any(|(address, it)| *address != email && it.username.as_ref() == Some(&username));
        let Some(person) = self.people.by_email.get_mut(&email) else {
            return;
        };
        if person.active || reserved_by_another || !self.accounts.insert(email.clone()) {
            return;
        }
        let browser = self.site.browser();
        browser.get(&self.links[&email]).await;
        let joined = browser.call("accept", &new_account(&username)).await;
        joined.expect(200);
        person.active = true;
        "Marty".clone_into(&mut person.fields.first_name);
        "Quist".clone_into(&mut person.fields.last_name);
        person.username = Some(username);
    }

    async fn leave(&mut self, who: usize) {
        let email = self.address(who);
        let Some(person) = self.people.by_email.remove(&email) else {
            return;
        };
        let function = if person.active {
            self.people.kept_names.extend(person.username);
            "remove_user"
        } else {
            "revoke"
        };
        let arguments = self.about(&email).await;
        let left = self.chief.browser.call(function, &arguments).await;
        left.expect(200);
    }

    /// What the database says is what the model says.
    async fn compare(&self) -> Result<(), String> {
        let found: Vec<String> = sqlx::query_scalar(
            "SELECT concat_ws('|', m.email, m.status, m.first_name, m.last_name, coalesce(m.phone, '-'), r.code,
                 coalesce(a.username, i.username, '-'))
             FROM muster.memberships m
             JOIN muster.institutions n ON n.id = m.institution_id AND n.main_contact <> m.id
             JOIN muster.roles r ON r.institution_id = m.institution_id AND r.id = m.role_id
             LEFT JOIN muster.accounts a ON a.id = m.account_id
             LEFT JOIN muster.invitations i ON i.institution_id = m.institution_id AND i.membership_id = m.id
             WHERE n.slug = $1 AND m.listing IS NOT NULL ORDER BY m.email",
        )
        .bind(&self.chief.slug)
        .fetch_all(self.site.sql())
        .await
        .unwrap();
        let wanted: Vec<String> = self
            .people
            .by_email
            .iter()
            .map(|(email, person)| {
                let status = if person.active { "active" } else { "invited" };
                let fields = &person.fields;
                [
                    email,
                    status,
                    &fields.first_name,
                    &fields.last_name,
                    fields.phone.as_deref().unwrap_or("-"),
                    &fields.role.name().to_lowercase(),
                    person.username.as_deref().unwrap_or("-"),
                ]
                .join("|")
            })
            .collect();
        same("people", &found, &wanted)?;
        for known in &self.imports {
            let found: Vec<String> = sqlx::query_scalar(
                "SELECT concat_ws('|', verdict, undone) FROM muster.import_rows WHERE import_id = $1::uuid ORDER BY number",
            )
            .bind(&known.import.id)
            .fetch_all(self.site.sql())
            .await
            .unwrap();
            let undone = known.undone.iter().map(|it| match it {
                None => "",
                Some(false) => "|undone",
                Some(true) => "|kept",
            });
            let wanted: Vec<String> = known
                .verdicts
                .iter()
                .zip(undone)
                .map(|(verdict, undone)| format!("{}{undone}", verdict.code()))
                .collect();
            same("the rows of an import", &found, &wanted)?;
        }
        Ok(())
    }
}

fn same<T: Debug + PartialEq>(of: &str, found: &T, wanted: &T) -> Result<(), String> {
    if found == wanted {
        return Ok(());
    }
    Err(format!(
        "{of}: the database says {found:#?}, the model {wanted:#?}"
    ))
}
