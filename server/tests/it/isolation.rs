//! No institution can affect or detect another, by the functions or by the database alone.

use muster::ids::InstitutionId;
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use uuid::Uuid;

use crate::functions::{World, world};

/// The functions that take the id of a membership.
const ABOUT_ONE: [&str; 5] = ["resend", "revoke", "copy_link", "user", "unlock_user"];

/// Arguments with which the stranger requests, in their own institution, an item of the other institution.
fn foreign(world: &World, id: &str) -> Value {
    json!({ "slug": world.stranger.slug, "id": id })
}

#[tokio::test]
async fn an_id_of_another_institution_is_answered_like_an_unknown_one() {
    let world = world().await;
    let browser = world.site.session(&world.stranger).await;
    let chief = world.site.membership(&world.chief.email).await;
    for function in ABOUT_ONE {
        let never = browser
            .call(function, &foreign(&world, &Uuid::now_v7().to_string()))
            .await
            .expect(404);
        for id in [&world.open[0], &chief] {
            let theirs = browser
                .call(function, &foreign(&world, id))
                .await
                .expect(404);
            assert_eq!(theirs.body, never.body, "{function}");
        }
        for id in ["", "null", "0", "' OR 1=1 --", &"9".repeat(5000)] {
            assert_eq!(
                browser.call(function, &foreign(&world, id)).await.body,
                never.body,
                "{function} {id}"
            );
        }
    }
}

#[tokio::test]
async fn a_path_of_another_institution_is_answered_like_an_unknown_one() {
    let world = world().await;
    let browser = world.site.session(&world.stranger).await;
    for (name, arguments, _) in crate::functions::FUNCTIONS {
        let mut arguments = arguments(&world);
        if arguments.get("slug").is_none() {
            continue;
        }
        let theirs = browser.call(name, &arguments).await.expect(404);
        arguments["slug"] = json!("no-such-place");
        let never = browser.call(name, &arguments).await.expect(404);
        assert_eq!(theirs.body, never.body, "{name}");
        assert_eq!(theirs.refused(), "NotFound", "{name}");
    }
}

#[tokio::test]
async fn a_role_of_another_institution_cannot_be_assigned() {
    let world = world().await;
    let browser = world.site.session(&world.stranger).await;
    let rows = json!([{ "email": "new@example.org", "role": world.role }]);
    let reply = browser
        .call(
            "invite",
            &json!({ "slug": world.stranger.slug, "draft": { "rows": rows, "note": "" } }),
        )
        .await
        .expect(200);
    assert_eq!(
        reply.json()["rows"][0][1]["Invalid"][0]["problem"],
        "Unknown"
    );
    assert_eq!(
        world
            .site
            .count("SELECT count(*) FROM muster.memberships WHERE email = 'new@example.org'")
            .await,
        0
    );
}

#[tokio::test]
async fn a_list_never_contains_members_of_another_institution() {
    let world = world().await;
    let own = world.site.session(&world.chief).await;
    let page = own
        .call("users", &json!({ "slug": world.chief.slug }))
        .await
        .json();
    assert_eq!(page["rows"].as_array().unwrap().len(), 6);
    let browser = world.site.session(&world.stranger).await;
    // A key is only a position in the sort order: `!` sorts before every name.
    let key = base64::Engine::encode(
        &base64::engine::general_purpose::URL_SAFE_NO_PAD,
        json!({ "number": 1, "id": world.open[0], "text": "!", "time": null }).to_string(),
    );
    for query in [
        json!({ "after": key }),
        json!({}),
        json!({ "sort": "seen" }),
        json!({ "sort": "old" }),
        json!({ "q": "chief" }),
    ] {
        let page = browser
            .call(
                "users",
                &json!({ "slug": world.stranger.slug, "query": query }),
            )
            .await
            .expect(200);
        assert!(
            !page.body.contains("example.org") && page.body.contains("chief@eadow.example"),
            "{}",
            page.body
        );
    }
}

/// Opens a connection as the app's role.
async fn app(world: &World) -> PgConnection {
    let mut connection = PgConnection::connect(world.site.database_url())
        .await
        .unwrap();
    sqlx::query("SET ROLE muster_app")
        .execute(&mut connection)
        .await
        .unwrap();
    sqlx::query("SET search_path = muster")
        .execute(&mut connection)
        .await
        .unwrap();
    connection
}

async fn count(connection: &mut PgConnection, sql: String) -> i64 {
    sqlx::query_scalar(AssertSqlSafe(sql))
        .fetch_one(connection)
        .await
        .unwrap()
}

const TENANT_TABLES: [(&str, &str); 5] = [
    ("institutions", "id"),
    ("roles", "institution_id"),
    ("memberships", "institution_id"),
    ("invitations", "institution_id"),
    ("audit", "institution_id"),
];

#[tokio::test]
async fn the_database_shows_the_app_only_rows_of_the_set_institution() {
    let world = world().await;
    let here = world.site.institution_id(&world.stranger.slug).await;
    let mut connection = app(&world).await;
    for (table, key) in TENANT_TABLES {
        assert_eq!(
            count(&mut connection, format!("SELECT count(*) FROM {table}")).await,
            0,
            "{table} without one"
        );
        let mut tx = connection.begin().await.unwrap();
        server::store::enter(&mut tx, here).await.unwrap();
        let others = count(
            &mut tx,
            format!("SELECT count(*) FROM {table} WHERE {key} <> '{here}'"),
        )
        .await;
        assert_eq!(others, 0, "{table}");
        if table != "invitations" {
            assert!(
                count(&mut tx, format!("SELECT count(*) FROM {table}")).await > 0,
                "{table}"
            );
        }
        tx.commit().await.unwrap();
        // The setting ends with its transaction.
        assert_eq!(
            count(&mut connection, format!("SELECT count(*) FROM {table}")).await,
            0,
            "{table} after"
        );
    }
}

#[tokio::test]
async fn the_database_prevents_the_app_from_writing_rows_of_another_institution() {
    let world = world().await;
    let here = world.site.institution_id(&world.stranger.slug).await;
    let there = world.site.institution_id(&world.chief.slug).await;
    let mut connection = app(&world).await;
    for (table, key, set) in [
        ("institutions", "id", "name = 'x'"),
        ("roles", "institution_id", "name = 'x'"),
        ("memberships", "institution_id", "first_name = 'x'"),
        ("invitations", "institution_id", "note = 'x'"),
    ] {
        let mut tx = connection.begin().await.unwrap();
        server::store::enter(&mut tx, here).await.unwrap();
        let sql = format!("UPDATE {table} SET {set} WHERE {key} = '{there}'");
        let done = sqlx::query(AssertSqlSafe(sql))
            .execute(&mut *tx)
            .await
            .unwrap();
        assert_eq!(done.rows_affected(), 0, "{table}");
        tx.rollback().await.unwrap();
    }
    for sql in [
        inserted_role(there),
        inserted_audit(there),
        moved_members(here, there),
    ] {
        let mut tx = connection.begin().await.unwrap();
        server::store::enter(&mut tx, here).await.unwrap();
        let refused = sqlx::query(AssertSqlSafe(sql.clone()))
            .execute(&mut *tx)
            .await
            .unwrap_err();
        assert!(
            refused.to_string().contains("row-level security"),
            "{sql}: {refused}"
        );
        tx.rollback().await.unwrap();
    }
}

fn inserted_role(there: InstitutionId) -> String {
    let id = Uuid::now_v7();
    format!("INSERT INTO roles VALUES ('{there}', '{id}', NULL, 'Own', true, '{{}}')")
}

fn inserted_audit(there: InstitutionId) -> String {
    let id = Uuid::now_v7();
    format!("INSERT INTO audit (institution_id, id, action) VALUES ('{there}', '{id}', 'invented')")
}

fn moved_members(here: InstitutionId, there: InstitutionId) -> String {
    format!("UPDATE memberships SET institution_id = '{there}' WHERE institution_id = '{here}'")
}
