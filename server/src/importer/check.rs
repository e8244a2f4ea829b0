//! The check: rows are staged and judged in batches, then problems between rows are found (duplicates, seats).

use muster::{
    email::EmailAddress,
    import::{Change, Column, Duplicates, Mapping, Options, Person, Reason, Roles, RowProblem},
    problem::Problem,
    username::{Username, UsernameViolation},
};
use sha2::{Digest as _, Sha256};

use super::{
    Importer, Stepped, Work, counts, end_by, read_json,
    reading::{Batch, Reading, Source, Stop},
    rules::{names_of, rules_of},
    to_json,
};
use crate::{
    error::Error,
    keys::random_number,
    store::{
        Tx,
        imports::{
            self, At, Import,
            claim::{self, Claimed},
            judge, parts, plan,
        },
        institutions,
    },
};

/// Imports with more rows than this update the planner's statistics before they are applied.
const ANALYZED: u32 = 1000;
/// The number of rows that are compared for duplicates at once.
const CANDIDATES: i64 = 5000;

impl Importer {
    pub(super) async fn check(&self, work: &mut Work) -> Result<Stepped, Error> {
        let reading = match &mut work.reading {
            Some(reading) => reading,
            None => work.reading.insert(self.begin(work.claimed.at).await?),
        };
        match reading.batches.recv().await {
            Some(Ok(batch)) => self.judge(&work.claimed, &batch).await,
            Some(Err(Stop::Trouble(error))) => Err(error),
            Some(Err(Stop::Fault(fault))) => {
                let fault = to_json(fault)?;
                self.refuse(&work.claimed, Some(fault)).await
            }
            Some(Err(Stop::Mismatch)) => self.refuse(&work.claimed, None).await,
            None => Err(Error::internal("the thread that reads the file ended")),
        }
    }

    /// Starts reading. Only reads: the first batch finds out whether the import is still ours.
    async fn begin(&self, at: At) -> Result<Reading, Error> {
        let mut tx = self.store.tenant(at.institution).await?;
        let import = import(&mut tx, at).await?;
        let source = Source {
            store: self.store.clone(),
            keys: self.keys.clone(),
            at,
            size: u64::try_from(import.size).unwrap_or(0),
            sha256: import.sha256.clone(),
            encoding: code(&import.encoding)?,
            delimiter: code(&import.delimiter)?,
            mapping: read_json::<Mapping>(&import.mapping)?,
            options: read_json::<Options>(&import.options)?,
            roles: Roles::new(names_of(
                &institutions::roles(&mut tx, at.institution).await?,
            )),
            staged: u32::try_from(import.progress).unwrap_or(0),
            batch_rows: u32::try_from(import.chunk_rows).unwrap_or(1),
        };
        tx.rollback().await?;
        Ok(Reading::begin(source))
    }

    async fn judge(&self, claimed: &Claimed, batch: &Batch) -> Result<Stepped, Error> {
        let at = claimed.at;
        let mut tx = self.store.tenant(at.institution).await?;
        if !claim::hold(&mut tx, claimed).await? {
            return Ok(Stepped::TurnedAway);
        }
        let import = import(&mut tx, at).await?;
        let options: Options = read_json(&import.options)?;
        let institution = institutions::get(&mut tx, at.institution).await?;
        let Some(rules) = rules_of(&mut tx, at, &institution, &import, &options).await? else {
            end_by(&mut tx, claimed, "permission").await?;
            tx.commit().await?;
            return Ok(Stepped::Ended);
        };
        if import.progress < 0 {
            let headers: Vec<&str> = batch.headers.iter().map(String::as_str).collect();
            let key = mapping_key(&headers);
            let mapping = read_json::<Mapping>(&import.mapping)?.to_remember(&headers);
            plan::begin(&mut tx, claimed, &batch.headers, &key, to_json(mapping)?).await?;
        }
        judge::stage(&mut tx, &batch.copy).await?;
        let taken = to_json(taken())?.to_string();
        judge::judge(&mut tx, at, &rules, &taken).await?;
        let row = i32::try_from(batch.last_row)
            .unwrap_or(i32::MAX)
            .max(import.progress.max(0));
        let bytes = i64::try_from(batch.bytes).unwrap_or(i64::MAX);
        let line_end = batch.line_end.map(muster::import::LineEnd::code);
        plan::progress(&mut tx, at, row, bytes, line_end).await?;
        if batch.end {
            duplicates(&mut tx, at).await?;
            if let Some(free) =
                institutions::free_seats(&mut tx, at.institution, &institution, 0).await?
            {
                plan::refuse_past_seats(&mut tx, at, 0, i32::MAX, free).await?;
            }
            let counts = counts(&plan::tally(&mut tx, at, 0, i32::MAX).await?);
            plan::set_plan(&mut tx, at, to_json(counts)?).await?;
            claim::end(&mut tx, claimed, "planned", None).await?;
        }
        tx.commit().await?;
        if batch.end && batch.last_row > ANALYZED {
            let mut connection = self.store.pool().acquire().await?;
            claim::analyze(&mut connection).await?;
        }
        Ok(if batch.end {
            Stepped::Ended
        } else {
            Stepped::More
        })
    }

    /// Refuses a file that can't be read or differs from the announced one.
    async fn refuse(
        &self,
        claimed: &Claimed,
        fault: Option<serde_json::Value>,
    ) -> Result<Stepped, Error> {
        let mut tx = self.store.tenant(claimed.at.institution).await?;
        if !claim::hold(&mut tx, claimed).await? {
            return Ok(Stepped::TurnedAway);
        }
        match fault {
            Some(fault) => parts::refuse(&mut tx, claimed.at, fault).await?,
            None => plan::mismatch(&mut tx, claimed.at).await?,
        }
        claim::end(&mut tx, claimed, "refused", None).await?;
        tx.commit().await?;
        Ok(Stepped::Ended)
    }
}

/// Returns the key under which the mapping of a file with these headers is stored.
#[must_use]
pub fn mapping_key(headers: &[&str]) -> [u8; 32] {
    Sha256::digest(Mapping::key(headers).as_bytes()).into()
}

/// Returns the reason for a taken username.
pub(super) const fn taken() -> Reason {
    Reason::Cell(RowProblem {
        column: Column::Username,
        problem: Problem::Username(UsernameViolation::Taken),
        same_as: None,
    })
}

pub(super) async fn import(tx: &mut Tx, at: At) -> Result<Import, Error> {
    imports::get(tx, at)
        .await?
        .ok_or_else(|| Error::internal("the import no longer exists"))
}

fn code<T: std::str::FromStr>(code: &str) -> Result<T, Error> {
    code.parse()
        .map_err(|_| Error::internal(format!("an import with an unknown code: {code}")))
}

/// Rejects rows that duplicate an earlier one, with the browser's function. It gets only rows that share a value with
/// another one, so only these take memory.
async fn duplicates(tx: &mut Tx, at: At) -> Result<(), Error> {
    plan::find_candidates(tx, at).await?;
    let mut duplicates = Duplicates::new(random_number()?);
    let mut after = 0;
    loop {
        let page = plan::candidates(tx, after, CANDIDATES).await?;
        let Some(last) = page.last() else {
            return Ok(());
        };
        after = last.number;
        let (mut numbers, mut reasons) = (Vec::new(), Vec::new());
        for row in page {
            let person = Person {
                username: row
                    .username
                    .map(|it| Username::parse(&it, "", ""))
                    .transpose()
                    .map_err(|_| Error::internal("a valid row has an invalid username"))?,
                email: row
                    .email
                    .map(|it| EmailAddress::parse(&it))
                    .transpose()
                    .map_err(|_| Error::internal("a valid row has an invalid address"))?,
                first_name: None,
                last_name: None,
                phone: Change::Leave,
                role: None,
                language: Change::Leave,
                change_password: None,
            };
            let number = u32::try_from(row.number).unwrap_or(0);
            let problems = duplicates.add(number, &person);
            if !problems.is_empty() {
                numbers.push(row.number);
                let problems: Vec<Reason> = problems.into_iter().map(Reason::Cell).collect();
                reasons.push(to_json(problems)?);
            }
        }
        plan::refuse(tx, at, &numbers, &reasons).await?;
    }
}
