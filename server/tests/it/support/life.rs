//! A complete import against a real server process, as a person's page runs it: created, uploaded, edited in the grid,
//! planned, applied, undone. Requests without an acknowledgment are repeated.

use std::{fmt::Write as _, sync::Mutex, time::Duration};

use reqwest::RequestBuilder;
use rpc::imports::PART_BYTES;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    Browser, Import, Person, Reply, Site, draft,
    end_state::end_state,
    importing::hash,
    process::{Process, until},
    wire::Wire,
};

/// Rows in a chunk.
pub const CHUNK: u32 = 8;
/// Chunks of the file, and batches of its check.
pub const CHUNKS: u32 = 6;
/// Seats of the institution, including the existing members.
const SEATS: i32 = 40;

/// Whether a button's action has taken effect, by the state that follows.
const PLANNED: &str = "SELECT state <> 'uploading' FROM muster.imports WHERE id = $1::uuid";
const APPLIED: &str =
    "SELECT state NOT IN ('checking', 'planned') FROM muster.imports WHERE id = $1::uuid";
const UNDONE: &str = "SELECT state IN ('undoing', 'undone') OR stopped_by = 'trouble'
     FROM muster.imports WHERE id = $1::uuid";

/// An import and its server.
pub struct Life {
    pub site: Site,
    pub wire: Wire,
    chief: Person,
    csv: Vec<u8>,
    draft: Value,
    process: tokio::sync::Mutex<Option<Process>>,
    address: Mutex<String>,
    acknowledged: Mutex<Vec<(&'static str, String)>>,
}

impl Life {
    /// Creates an institution with an administrator and two members, and a server that works for it.
    pub async fn begin(site: Site, csv: Vec<u8>) -> Self {
        let chief = site.institution("Harbour").await;
        for (email, username) in [
            ("ines3@example.org", "heron.nine"),
            ("ines17@example.org", "heron.ten"),
        ] {
            site.member(&chief, email, username, "Basic").await;
        }
        sqlx::query("UPDATE muster.institutions SET seats = $1")
            .bind(SEATS)
            .execute(site.sql())
            .await
            .unwrap();
        // Messages are leased for an hour, because their sending time is not tested here.
        for sql in [
            "CREATE FUNCTION muster.later() RETURNS trigger LANGUAGE plpgsql AS
             $$ BEGIN NEW.next_at := NEW.next_at + interval '1 hour'; RETURN NEW; END $$",
            "CREATE TRIGGER later BEFORE INSERT ON muster.outbox FOR EACH ROW EXECUTE FUNCTION muster.later()",
        ] {
            sqlx::query(sql).execute(site.sql()).await.unwrap();
        }
        let role = site.role(&chief, "Basic").await;
        let mut draft = draft(&csv, &role);
        draft["options"]["mode"] = json!("both");
        let wire = Wire::to(site.database_url()).await;
        let process = Process::start(&wire.url(site.database_url())).await;
        Self {
            address: Mutex::new(process.address.clone()),
            process: tokio::sync::Mutex::new(Some(process)),
            acknowledged: Mutex::default(),
            site,
            wire,
            chief,
            csv,
            draft,
        }
    }

    /// Kills the server with `kill -9` and checks that everything acknowledged is still there. Then starts it again, and
    /// expires the leases that it held.
    pub async fn kill(&self) {
        let mut process = self.process.lock().await;
        if let Some(mut process) = process.take() {
            process.kill();
        }
        self.all_is_there().await;
        let started = Process::start(&self.wire.url(self.site.database_url())).await;
        self.address.lock().unwrap().clone_from(&started.address);
        *process = Some(started);
        self.lease_runs_out().await;
    }

    /// Expires the leases of a worker that is gone, so that another one takes over.
    pub async fn lease_runs_out(&self) {
        for sql in [
            "UPDATE muster.imports SET leased_until = '-infinity' WHERE leased_until > clock_timestamp()",
            "SELECT pg_notify('muster_imports', '')",
        ] {
            sqlx::query(sql).execute(self.site.sql()).await.unwrap();
        }
    }

    /// Asserts that everything acknowledged is in the database.
    pub async fn all_is_there(&self) {
        let acknowledged = self.acknowledged.lock().unwrap().clone();
        for (sql, about) in acknowledged {
            // The database may be unavailable at this moment, which proves nothing.
            let there = until("the database answers", async || {
                let there = sqlx::query_scalar::<_, bool>(sql).bind(&about);
                there.fetch_one(self.site.sql()).await.ok()
            })
            .await;
            assert!(there, "acknowledged and lost: {sql} {about}");
        }
    }

    /// Runs the import through all phases; returns the state after the plan, after apply and after undo.
    pub async fn see_through(&self) -> [Vec<String>; 3] {
        let import = self.upload().await;
        self.press("plan_import", &import, PLANNED).await;
        let planned = self.comes_to("planned", &import).await;
        self.press("apply_import", &import, APPLIED).await;
        let done = self.comes_to("done", &import).await;
        self.site
            .run(
                "UPDATE muster.memberships SET first_name = 'Touched' WHERE email = $1",
                "ines17@example.org",
            )
            .await;
        self.press("undo_import", &import, UNDONE).await;
        let undone = self.comes_to("undone", &import).await;
        self.all_is_there().await;
        [planned, done, undone]
    }

    /// Creates the import, sends the file's parts and the edits of the grid.
    pub async fn upload(&self) -> Import {
        let slug = &self.chief.slug;
        let arguments = json!({ "slug": slug, "draft": self.draft });
        let begun = self
            .ask(|browser| browser.call_of("begin_import", &arguments))
            .await
            .expect(200)
            .json();
        let import = Import {
            slug: slug.clone(),
            id: begun["id"].as_str().unwrap().to_owned(),
        };
        self.is_there(
            "SELECT count(*) = 1 FROM muster.imports WHERE id = $1::uuid",
            &import.id,
        );
        // A long file gets as many chunks as a short one.
        let rows = self.csv.split(|byte| *byte == b'\n').count() - 2;
        self.site
            .cut(&import, u32::try_from(rows).unwrap().div_ceil(CHUNKS))
            .await;
        let part = usize::try_from(PART_BYTES).unwrap();
        for (number, part) in self.csv.chunks(part).enumerate() {
            self.ask(|browser| browser.part_of(&import, number, part))
                .await
                .expect(204);
            self.is_there(
                "SELECT count(*) = 1 FROM muster.import_parts WHERE encode(sha256(bytes), 'hex') = $1",
                &hash(part),
            );
        }
        let edits = json!({ "slug": slug, "id": import.id, "draft": {
            "edits": [{ "row": 5, "column": "last_name", "value": "Corrected" }], "left_out": [6],
        }});
        self.ask(|browser| browser.call_of("edit_import", &edits))
            .await
            .expect(200);
        self.is_there(
            "SELECT count(*) = 2 FROM muster.import_edits WHERE import_id = $1::uuid",
            &import.id,
        );
        import
    }

    /// Presses a button. If the response was lost, a repeated request gets a conflict, which is just as good.
    pub async fn press(&self, function: &str, import: &Import, pressed: &'static str) {
        let arguments = json!({ "slug": import.slug, "id": import.id });
        let reply = self
            .ask(|browser| browser.call_of(function, &arguments))
            .await;
        assert!(matches!(reply.status, 200 | 409), "{function}: {reply:?}");
        self.is_there(pressed, &import.id);
        self.all_is_there().await;
    }

    /// Waits until the work is finished, as the page does, and resumes it if it was stopped by repeated failures. Returns
    /// everything that it has left.
    pub async fn comes_to(&self, end: &str, import: &Import) -> Vec<String> {
        let id: Uuid = import.id.parse().unwrap();
        loop {
            let (state, trouble): (String, bool) = until(end, async || {
                sqlx::query_as("SELECT state, stopped_by IS NOT NULL FROM muster.imports WHERE id = $1 AND state NOT IN ('checking', 'applying', 'undoing')")
                    .bind(id)
                    .fetch_optional(self.site.sql())
                    .await
                    .ok()?
            })
            .await;
            let again = match (state.as_str(), trouble) {
                (state, false) if state == end => return end_state(self.site.sql()).await,
                ("refused", true) => "plan_import",
                ("stopped", true) => "resume_import",
                ("done", true) => "undo_import",
                other => panic!("{other:?} instead of {end}"),
            };
            let arguments = json!({ "slug": import.slug, "id": import.id });
            self.ask(|browser| browser.call_of(again, &arguments)).await;
        }
    }

    /// Repeats the request until a working server answers it.
    pub async fn ask(&self, request: impl Fn(&Browser) -> RequestBuilder) -> Reply {
        until("an answer", async || {
            let browser = self.browser();
            let request = request(&browser).timeout(Duration::from_secs(20));
            let reply = browser.attempt(request).await.ok()?;
            (reply.status != 503).then_some(reply)
        })
        .await
    }

    /// Returns the main contact's browser, on the current server.
    pub fn browser(&self) -> Browser {
        let address = self.address.lock().unwrap().clone();
        self.chief.browser.at(&address)
    }

    fn is_there(&self, sql: &'static str, about: &str) {
        self.acknowledged
            .lock()
            .unwrap()
            .push((sql, about.to_owned()));
    }
}

/// Returns a file with all kinds of rows: new people with and without usernames, two members, more people than seats,
/// duplicates, taken usernames, an invalid address, and unknown columns that pad the file to the requested number of bytes.
pub fn all_sorts(bytes: usize) -> Vec<u8> {
    let rows = CHUNK * CHUNKS;
    let padding = "x".repeat(bytes / rows as usize / 2);
    let mut csv = "username,first_name,last_name,email,phone,note,more\n".to_owned();
    for row in 1..=rows {
        let username = match row {
            9 | 31 => "heron.nine".to_owned(),
            14 => "no".to_owned(),
            row if row % 3 == 0 => format!("finch.{row:03}"),
            _ => String::new(),
        };
        let email = match row {
            20 => "ines2@example.org".to_owned(),
            25 => "nothing".to_owned(),
            _ => format!("ines{row}@example.org"),
        };
        writeln!(
            csv,
            "{username},Ines,Caro {row},{email},+4179123{row:04},{padding},{padding}"
        )
        .unwrap();
    }
    csv.into_bytes()
}
