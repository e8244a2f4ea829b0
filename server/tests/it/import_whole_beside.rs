//! What other members do while an all-or-nothing import is written: they continue, or are immediately asked to try again.
//! Whatever they do, the import is applied completely or not at all.

use std::time::Duration;

use serde_json::{Value, json};
use server::error::Error;
use sqlx::{PgConnection, pool::PoolConnection};
use tokio::{task::JoinHandle, time::timeout};

use crate::support::{Import, Person, Reply, Site, draft, importing::people, link, process::until};

/// Every call is answered within this time, although the import's last step is not finished.
const A_MOMENT: Duration = Duration::from_secs(8);
/// The key of the advisory lock that the last step waits for after its first chunk; used by this test only.
const GATE: i64 = 4711;

/// The author of the import.
#[derive(Clone, Copy, PartialEq, Eq)]
enum By {
    /// The main contact, whose import changes an administrator into a Basic user.
    Chief,
    /// Another administrator.
    Other,
}

/// An institution with an import that has written the first chunk of its last step.
struct Beside {
    site: Site,
    chief: Person,
    /// An administrator who is in the file.
    changed: Person,
    import: Import,
    gate: PoolConnection<sqlx::Postgres>,
    work: JoinHandle<Result<usize, Error>>,
}

impl Beside {
    /// 24 new people and two updated members, in chunks of ten; the seats allow one more.
    async fn begin(by: By) -> Self {
        let site = Site::new().await;
        let chief = site.institution("Harbour").await;
        let other = site
            .member(&chief, "other@example.org", "heron.two", "Administrator")
            .await;
        let changed = site
            .member(&chief, "deb@example.org", "heron.three", "Administrator")
            .await;
        site.member(&chief, "mia@example.org", "heron.nine", "Basic")
            .await;
        let role = site.role(&chief, "Basic").await;
        let csv = people(24)
            .replace('\n', ",\n")
            .replacen("email,", "email,role", 1)
            + "Mia,Sand,mia@example.org,\nDeb,Quist,deb@example.org,"
            + if by == By::Chief { "Basic\n" } else { "\n" };
        let mut wanted = draft(csv.as_bytes(), &role);
        wanted["options"]["mode"] = json!("both");
        wanted["options"]["applying"] = json!("whole");
        let author = if by == By::Chief { &chief } else { &other };
        let import = author
            .browser
            .upload("harbour", csv.as_bytes(), &wanted)
            .await;
        site.cut(&import, 10).await;
        author.browser.does("plan_import", &import).await;
        site.work().await;
        site.run(
            "UPDATE muster.institutions SET seats = 29 WHERE slug = $1",
            "harbour",
        )
        .await;
        for sql in [
            "CREATE FUNCTION muster.gate() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                 IF NEW.number = 0 THEN PERFORM pg_advisory_xact_lock(4711); END IF; RETURN NULL; END $$",
            "CREATE TRIGGER gate AFTER INSERT ON muster.import_chunks FOR EACH ROW EXECUTE FUNCTION muster.gate()",
        ] {
            sqlx::query(sql).execute(site.sql()).await.unwrap();
        }
        let mut gate = site.sql().acquire().await.unwrap();
        lock(&mut gate, "SELECT pg_advisory_lock($1)").await;
        author.browser.does("apply_import", &import).await;
        let importer = site.importer();
        let work = tokio::spawn(async move { importer.run_once().await });
        let beside = Self {
            site,
            chief,
            changed,
            import,
            gate,
            work,
        };
        beside.comes_to_the_gate().await;
        beside
    }

    async fn comes_to_the_gate(&self) {
        let waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
             AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
        until("the last step is under way", async || {
            (self.site.count(waiting).await > 0).then_some(())
        })
        .await;
    }

    /// Calls a function that must not wait for the import.
    async fn at_once(&self, by: &Person, function: &str, arguments: &Value) -> Reply {
        timeout(A_MOMENT, by.browser.call(function, arguments))
            .await
            .unwrap_or_else(|_| panic!("{function} has to wait"))
    }

    async fn invites(&self, by: &Person, email: &str) -> Reply {
        let role = self.site.role(by, "Basic").await;
        let row = json!({ "email": email, "role": role });
        let wanted = json!({ "slug": "harbour", "draft": { "rows": [row], "note": "" } });
        self.at_once(by, "invite", &wanted).await
    }

    async fn about(&self, email: &str) -> Value {
        json!({ "slug": "harbour", "id": self.site.membership(email).await })
    }

    /// Lets the last step finish; returns the final state of the import.
    async fn ends(mut self) -> (Site, Person, Value, Vec<Value>) {
        lock(&mut self.gate, "SELECT pg_advisory_unlock($1)").await;
        drop(self.gate);
        self.work.await.unwrap().unwrap();
        let view = self.chief.browser.standing(&self.import).await;
        let refused = self.chief.browser.rows(&self.import, "refused").await;
        (self.site, self.chief, view, refused)
    }
}

async fn lock(connection: &mut PgConnection, sql: &'static str) {
    sqlx::query(sql)
        .bind(GATE)
        .execute(connection)
        .await
        .unwrap();
}

const HERE: &str = "SELECT count(*) FROM muster.memberships WHERE listing IS NOT NULL";
const OPEN: &str =
    "SELECT count(*) FROM muster.invitations i JOIN muster.memberships m ON m.id = i.membership_id
     WHERE i.closed_at IS NULL AND i.expires_at > clock_timestamp() AND m.email NOT LIKE 'ines%'";

#[tokio::test]
async fn others_can_invite_and_accept_and_no_seat_is_given_twice() {
    let beside = Beside::begin(By::Chief).await;
    let invited = beside.invites(&beside.chief, "one@example.org").await;
    assert_eq!(invited.json()["rows"][0][1], "Invited");
    let full = beside.invites(&beside.chief, "two@example.org").await;
    assert_eq!(full.json()["rows"][0][1], "SeatsFull");
    let path = link(&beside.site.mail().await);
    let browser = beside.site.browser();
    timeout(A_MOMENT, browser.join(&path, "heron.four"))
        .await
        .expect("to accept has to wait");
    // A member who is changed by the import can still open their pages.
    let shown = timeout(A_MOMENT, beside.changed.browser.get("/i/harbour"));
    shown.await.expect("a page has to wait").expect(200);
    let (site, _, view, _) = beside.ends().await;
    assert_eq!(
        (&view["state"], &view["done"]["invite"]),
        (&json!("done"), &json!(24)),
        "{view}"
    );
    assert_eq!(site.count(HERE).await, 29);
}

#[tokio::test]
async fn people_being_imported_cannot_be_changed_and_the_refusal_is_immediate() {
    let beside = Beside::begin(By::Chief).await;
    let busy = beside.invites(&beside.chief, "ines3@example.org").await;
    assert_eq!(
        (busy.status, busy.refused().as_str()),
        (503, "Unavailable"),
        "{busy:?}"
    );
    let mut edit = beside.about("mia@example.org").await;
    let version = beside.chief.browser.call("user", &edit).await.json()["version"].to_string();
    edit["draft"] = json!({ "first_name": "Mia", "last_name": "Other", "phone": "", "version": version,
        "role": beside.site.role(&beside.chief, "Basic").await });
    let busy = beside.at_once(&beside.chief, "edit_user", &edit).await;
    assert_eq!(
        (busy.status, busy.refused().as_str()),
        (503, "Unavailable"),
        "{busy:?}"
    );
    let (_, _, view, _) = beside.ends().await;
    assert_eq!(
        (&view["state"], &view["done"]["update"]),
        (&json!("done"), &json!(2)),
        "{view}"
    );
}

#[tokio::test]
async fn an_invitation_by_hand_during_the_import_fails_it_accepted_or_not() {
    for accepts in [false, true] {
        let beside = Beside::begin(By::Chief).await;
        let invited = beside.invites(&beside.chief, "ines23@example.org").await;
        assert_eq!(invited.json()["rows"][0][1], "Invited");
        if accepts {
            let path = link(&beside.site.mail().await);
            let browser = beside.site.browser();
            timeout(A_MOMENT, browser.join(&path, "heron.four"))
                .await
                .unwrap();
        }
        let (site, _, view, refused) = beside.ends().await;
        assert_eq!(
            (&view["state"], &view["done"]),
            (&json!("failed"), &Value::Null),
            "{view}"
        );
        assert_eq!(refused.len(), 1, "{refused:?}");
        let reason = if accepts {
            "already_member"
        } else {
            "already_invited"
        };
        assert_eq!(refused[0]["reasons"], json!([reason]), "accepts: {accepts}");
        assert_eq!(site.count(HERE).await, 5);
    }
}

#[tokio::test]
async fn an_importer_who_loses_the_permission_meanwhile_writes_nothing() {
    let beside = Beside::begin(By::Other).await;
    let other = beside.about("other@example.org").await;
    let removed = beside.at_once(&beside.chief, "remove_user", &other).await;
    removed.expect(200);
    let (site, _, view, _) = beside.ends().await;
    assert_eq!(
        (&view["state"], &view["stopped_by"], &view["done"]),
        (&json!("stopped"), &json!("permission"), &Value::Null),
        "{view}"
    );
    assert_eq!(site.count(HERE).await, 3);
    assert_eq!(site.mails().await.len(), 0);
}

#[tokio::test]
async fn an_import_fails_if_the_seats_are_reduced_during_the_last_step() {
    let beside = Beside::begin(By::Chief).await;
    beside
        .site
        .run(
            "UPDATE muster.institutions SET seats = 10 WHERE slug = $1",
            "harbour",
        )
        .await;
    let (site, _, view, refused) = beside.ends().await;
    assert_eq!(view["state"], "failed", "{view}");
    assert_eq!(refused.len(), 18);
    assert_eq!(site.count(HERE).await, 4);
}

#[tokio::test]
async fn an_administrator_demoted_by_the_import_keeps_no_open_invitations() {
    let beside = Beside::begin(By::Chief).await;
    let invited = beside.invites(&beside.changed, "late@example.org").await;
    assert_eq!(invited.json()["rows"][0][1], "Invited");
    assert_eq!(beside.site.count(OPEN).await, 1);
    let (site, _, view, _) = beside.ends().await;
    assert_eq!(view["state"], "done", "{view}");
    assert_eq!(site.count(OPEN).await, 0);
}
