//! Runs the steps on the server and on the model, and compares both.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::{Debug, Write as _},
};

use serde_json::json;
use server::importer::Stepped;

use super::{
    people::{Mode, People, Role, Row, Verdict},
    steps::{Hand, Said, Step},
};
use crate::support::{Import, Person, Site, draft};

/// Rows in a chunk.
const CHUNK: usize = 2;

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
    /// For each row: not undone, undone, or kept.
    undone: Vec<Option<bool>>,
    state: State,
}

/// An institution and its model.
pub struct Play<'a> {
    pub(super) site: &'a Site,
    case: u32,
    pub(super) chief: Person,
    /// The ids of the roles by their names.
    pub(super) roles: BTreeMap<&'static str, String>,
    pub(super) people: People,
    imports: Vec<Known>,
    /// The last mailed link of each address.
    pub(super) links: BTreeMap<String, String>,
    /// Addresses that have an account.
    pub(super) accounts: BTreeSet<String>,
}

impl<'a> Play<'a> {
    /// Creates an institution.
    pub async fn begin(site: &'a Site, case: u32) -> Self {
        // Discards imports that a failed case left in progress.
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

    /// Runs the step and compares the result.
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

    pub(super) fn address(&self, who: usize) -> String {
        format!("person{who}@case{}.example", self.case)
    }

    /// The first ones are those that people choose when they accept.
    pub(super) fn username(&self, which: usize) -> String {
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

    /// Runs the chunks one by one, as a worker does.
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

    /// Compares the database with the model.
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
