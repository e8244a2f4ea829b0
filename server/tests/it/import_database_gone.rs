//! Postgres stops abruptly: during a COPY, before a COMMIT, during it, and between it and its response. A chunk is complete
//! or absent, pages show an error, and the import continues automatically when Postgres is back.

use reqwest::{Method, header};
use serde_json::json;

use crate::support::{
    Site,
    end_state::assert_same,
    life::{CHUNK, Life, all_sorts},
    postgres::OwnCluster,
    process::until,
    wire::{COMMIT, How, Moment},
};

/// Counts the violations of the rule that a chunk is complete or absent.
const WHOLE_CHUNKS: &str = "SELECT count(*) FROM (
    SELECT (SELECT count(*) FROM muster.import_rows) % $CHUNK <> 0 AS part
    UNION ALL
    SELECT (SELECT count(*) FROM muster.memberships m JOIN muster.import_rows r ON r.membership_id = m.id AND r.verdict = 'invite')
        <> (SELECT coalesce(sum((counts ->> 'invite')::int), 0) FROM muster.import_chunks WHERE phase = 'apply')
    UNION ALL
    SELECT (SELECT count(*) FROM muster.outbox o JOIN muster.import_rows r ON r.membership_id = o.membership_id AND r.verdict = 'invite')
        <> (SELECT coalesce(sum((counts ->> 'invite')::int), 0) FROM muster.import_chunks WHERE phase = 'apply')
    UNION ALL
    SELECT (SELECT count(*) FROM muster.audit WHERE action = 'import.applied')
        <> (SELECT count(*) FROM muster.import_chunks WHERE phase = 'apply')
    UNION ALL
    SELECT (SELECT count(*) FROM muster.audit WHERE action = 'import.undone')
        <> (SELECT count(*) FROM muster.import_chunks WHERE phase = 'undo')
) all_of_them WHERE part";

#[tokio::test]
async fn an_import_continues_after_postgres_stops_during_a_copy_or_around_a_commit() {
    let undisturbed = Life::begin(Site::new().await, all_sorts(0))
        .await
        .see_through()
        .await;
    let mut cluster = OwnCluster::new().await;
    let life = Life::begin(Site::on(cluster.database().await).await, all_sorts(0)).await;
    let (copy, ledger): (&[u8], &[u8]) = (b"PGCOPY\n", b"INSERT INTO import_chunks");
    let stops = async {
        for (after, on, how, nth, seen) in [
            // During the COPY of the second batch: all rows of the first batch exist, none of the second.
            (&b""[..], copy, How::Sent, 2, Some(("import_rows", CHUNK))),
            // A batch is committed, but the response is lost.
            (
                copy,
                COMMIT,
                How::Answered,
                1,
                Some(("import_rows", 2 * CHUNK)),
            ),
            (copy, COMMIT, How::Sent, 1, None),
            // Applied chunks: one not committed, one that may be committed, one that is.
            (ledger, COMMIT, How::Unsent, 1, Some(("import_chunks", 0))),
            (ledger, COMMIT, How::Sent, 1, None),
            (ledger, COMMIT, How::Answered, 2, None),
        ] {
            let moment = Moment {
                after,
                on,
                nth,
                how,
            };
            life.wire.moment(moment).await.unwrap();
            life.wire.close(true);
            cluster.stop_immediately().await;
            pages_say_that_they_can_not(&life).await;
            cluster.start().await;
            until("the database answers", async || {
                sqlx::query("SELECT").execute(life.site.sql()).await.ok()
            })
            .await;
            if let Some((table, rows)) = seen {
                let count = format!("SELECT count(*) FROM muster.{table}");
                let found: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(count))
                    .fetch_one(life.site.sql())
                    .await
                    .unwrap();
                assert_eq!(found, i64::from(rows), "{table} after {how:?}");
            }
            let parts = WHOLE_CHUNKS.replace("$CHUNK", &CHUNK.to_string());
            let parts: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(parts))
                .fetch_one(life.site.sql())
                .await
                .unwrap();
            assert_eq!(parts, 0, "a part of a chunk is there after {how:?}");
            life.all_is_there().await;
            life.wire.close(false);
        }
    };
    let (ends, ()) = tokio::join!(life.see_through(), stops);
    for (end, undisturbed) in ends.iter().zip(&undisturbed) {
        assert_same(
            end,
            undisturbed,
            "an import whose Postgres was gone six times",
        );
    }
    let page = life
        .ask(|browser| browser.request(Method::GET, "/i/harbour/imports"))
        .await;
    assert_eq!(page.status, 200);
}

/// Checks a page, a function, and the health check.
async fn pages_say_that_they_can_not(life: &Life) {
    let browser = life.browser();
    let page = browser
        .request(Method::GET, "/i/harbour/imports")
        .header(header::ACCEPT, "text/html,*/*;q=0.8")
        .header(header::ACCEPT_LANGUAGE, "de");
    let page = browser.send(page).await.expect(503);
    assert!(page.body.contains("<html lang=\"de\">"), "{}", page.body);
    assert!(
        page.body.contains("Das geht gerade nicht."),
        "{}",
        page.body
    );
    let function = browser.call("imports", &json!({ "slug": "harbour" })).await;
    assert_eq!(function.expect(503).refused(), "Unavailable");
    browser.get("/healthz").await.expect(503);
}
