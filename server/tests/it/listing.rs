//! The list of users: every sort order, filter, search and page shows the right people, each once.

use std::collections::BTreeSet;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use crate::support::{Person, Site};

/// Inserts 120 people beside the main contact directly into the database.
async fn crowd() -> (Site, Person) {
    let site = Site::new().await;
    let chief = site.institution("Harbour").await;
    let institution = site.institution_id("harbour").await.to_string();
    site.run(
        "INSERT INTO muster.memberships
             (institution_id, id, role_id, status, email, first_name, last_name, created_at)
         SELECT r.institution_id, gen_random_uuid(), r.id, 'invited', 'person' || n || '@example.org',
                CASE WHEN n % 40 = 0 THEN 'Zoë María' ELSE 'Person' END,
                CASE WHEN n % 40 = 0 THEN 'García-Müller' ELSE 'Number' || lpad(n::text, 3, '0') END,
                clock_timestamp() - make_interval(hours => n)
         FROM muster.roles r, generate_series(1, 120) n
         WHERE r.institution_id = $1::uuid AND r.code = 'basic'",
        &institution,
    )
    .await;
    site.run(
        "INSERT INTO muster.invitations
             (institution_id, membership_id, inviter_id, language, token_hash, sent_at, expires_at)
         SELECT m.institution_id, m.id, i.main_contact, 'en', sha256(m.id::text::bytea), m.created_at,
                m.created_at + interval '24 hours'
         FROM muster.memberships m JOIN muster.institutions i ON i.id = m.institution_id
         WHERE m.institution_id = $1::uuid AND m.status = 'invited'",
        &institution,
    )
    .await;
    (site, chief)
}

async fn page(chief: &Person, query: Value) -> Value {
    let arguments = json!({ "slug": "harbour", "query": query });
    chief
        .browser
        .call("users", &arguments)
        .await
        .expect(200)
        .json()
}

fn emails(page: &Value) -> Vec<String> {
    let rows = page["rows"].as_array().unwrap();
    rows.iter()
        .map(|row| row["email"].as_str().unwrap().to_owned())
        .collect()
}

/// Reads all pages forward, and then all of them backward.
async fn walked(chief: &Person, mut query: Value) -> Vec<String> {
    let mut forwards = Vec::new();
    let mut shown = page(chief, query.clone()).await;
    loop {
        let rows = emails(&shown);
        if !rows.is_empty() {
            assert_eq!(shown["first"], forwards.len() + 1, "{query}");
        }
        forwards.extend(rows);
        let Some(next) = shown["next"].as_str() else {
            break;
        };
        query["after"] = json!(next);
        shown = page(chief, query.clone()).await;
    }
    let mut backwards = emails(&shown);
    query["after"] = json!("");
    while let Some(previous) = shown["previous"].as_str() {
        query["before"] = json!(previous);
        shown = page(chief, query.clone()).await;
        backwards.splice(0..0, emails(&shown));
    }
    assert_eq!(forwards, backwards, "{query}");
    forwards
}

#[tokio::test]
async fn every_sort_order_lists_everybody_once_forward_and_backward() {
    let (_site, chief) = crowd().await;
    chief.browser.get("/i/harbour").await.expect(200);
    let mut orders = Vec::new();
    for sort in ["name", "-name", "seen", "-seen", "new", "old"] {
        let walk = walked(&chief, json!({ "sort": sort })).await;
        assert_eq!(walk.len(), 121, "{sort}");
        assert_eq!(walk.iter().collect::<BTreeSet<_>>().len(), 121, "{sort}");
        orders.push(walk);
    }
    for pair in orders.chunks(2) {
        let reversed: Vec<_> = pair[1].iter().rev().cloned().collect();
        assert_eq!(pair[0], reversed);
    }
    assert_eq!(orders[0][0], chief.email, "Amara stands before Person");
    assert_eq!(orders[2][0], chief.email, "nobody else was ever seen");
    assert_eq!(orders[5][0], "person120@example.org");
}

#[tokio::test]
async fn filters_show_and_count_the_matching_members() {
    let (_site, chief) = crowd().await;
    for (query, expected) in [
        (json!({}), 121),
        (json!({ "state": "invited" }), 120),
        (json!({ "state": "pending" }), 23),
        (json!({ "state": "expired" }), 97),
        (json!({ "state": "active" }), 1),
        (json!({ "state": "locked" }), 0),
        (json!({ "q": "garcia" }), 3),
        (json!({ "q": "garcia", "state": "pending" }), 0),
        (json!({ "q": "person12" }), 2),
    ] {
        let shown = page(&chief, query.clone()).await;
        assert_eq!(shown["count"]["Exact"], expected, "{query}");
        let walk = walked(&chief, query.clone()).await;
        assert_eq!(walk.len(), usize::try_from(expected).unwrap(), "{query}");
    }
    let roles = page(&chief, json!({})).await["roles"].clone();
    for role in roles.as_array().unwrap() {
        let expected = if role["name"] == "Basic" { 120 } else { 1 };
        let shown = page(&chief, json!({ "role": role["id"] })).await;
        assert_eq!(shown["count"]["Exact"], expected, "{role}");
    }
}

#[tokio::test]
async fn a_search_matches_word_prefixes_in_any_spelling() {
    let (_site, chief) = crowd().await;
    for (search, found) in [
        ("ZOE", 3),
        ("zoë gar", 3),
        ("muller maria", 3),
        ("Müller", 3),
        ("garcía-mü", 3),
        ("arcia", 0),
        ("zoe number", 0),
        ("person40@example", 1),
        ("kestrel.arbour", 1),
        ("arbour kestrel amara", 1),
        ("okafor chief@", 1),
        ("%", 0),
        ("'; DROP TABLE muster.memberships; --", 0),
        ("\0", 121),
        ("   ", 121),
    ] {
        let shown = page(&chief, json!({ "q": search })).await;
        assert_eq!(shown["count"]["Exact"], found, "{search}");
    }
    let long = page(&chief, json!({ "q": "a ".repeat(5000) })).await;
    assert_eq!(long["count"]["Exact"], 1, "Amara alone begins with it");
    let found = chief
        .browser
        .call("find_users", &json!({ "slug": "harbour", "q": "person" }))
        .await
        .json();
    assert_eq!(found.as_array().unwrap().len(), 8, "the first few");
}

#[tokio::test]
async fn the_search_reflects_every_change() {
    let (site, chief) = crowd().await;
    let finds = async |q: &str| page(&chief, json!({ "q": q })).await["count"]["Exact"].clone();
    site.run(
        "UPDATE muster.memberships SET last_name = 'Ångström' WHERE email = $1",
        "person7@example.org",
    )
    .await;
    assert_eq!(finds("angstrom").await, 1);
    assert_eq!(finds("number007").await, 0);
    site.run(
        "UPDATE muster.memberships SET status = 'revoked' WHERE email = $1",
        "person7@example.org",
    )
    .await;
    assert_eq!(finds("angstrom").await, 0);
    // A reserved username is searchable until its reservation ends.
    let role = site.role(&chief, "Basic").await;
    let draft = json!({
        "first_name": "Ines", "last_name": "Caro", "email": "ines@example.org", "username": "stork.west", "role": role,
    });
    let create = json!({ "slug": "harbour", "draft": draft });
    chief.browser.call("create_user", &create).await.expect(200);
    assert_eq!(finds("west").await, 1);
    site.run(
        "UPDATE muster.invitations SET username = NULL WHERE username = $1",
        "stork.west",
    )
    .await;
    assert_eq!(finds("west").await, 0);
    assert_eq!(finds("ines caro").await, 1);
}

#[tokio::test]
async fn a_malformed_list_url_is_refused() {
    let (_site, chief) = crowd().await;
    for query in [
        json!({ "state": "gone" }),
        json!({ "sort": "random()" }),
        json!({ "role": "7" }),
        json!({ "after": "nonsense" }),
        json!({ "after": "AAAA", "before": "AAAA" }),
    ] {
        let arguments = json!({ "slug": "harbour", "query": query });
        let reply = chief.browser.call("users", &arguments).await.expect(400);
        assert_eq!(reply.refused(), "BadRequest", "{query}");
    }
}

#[tokio::test]
async fn a_position_beyond_every_list_is_refused() {
    let (_site, chief) = crowd().await;
    let id = uuid::Uuid::from_u128(7);
    let place = |number: i64, text: Value, time: Value| {
        let place = json!({ "number": number, "id": id, "text": text, "time": time });
        URL_SAFE_NO_PAD.encode(place.to_string())
    };
    for (sort, place) in [
        ("name", place(i64::MAX, json!("a"), Value::Null)),
        ("name", place(i64::MIN, json!("a"), Value::Null)),
        // Postgres stores no year before 4713 BC.
        (
            "seen",
            place(1, Value::Null, json!(-251_700_000_000_000_000_i64)),
        ),
        (
            "new",
            place(1, Value::Null, json!(-251_700_000_000_000_000_i64)),
        ),
        (
            "new",
            place(1, Value::Null, json!(8_200_000_000_000_000_000_i64)),
        ),
        ("new", place(1, Value::Null, json!(i64::MIN))),
    ] {
        for way in ["after", "before"] {
            let mut query = json!({ "sort": sort });
            query[way] = json!(place);
            let arguments = json!({ "slug": "harbour", "query": query });
            let reply = chief.browser.call("users", &arguments).await.expect(400);
            assert_eq!(reply.refused(), "BadRequest", "{query}");
            let page = format!("/i/harbour/users?sort={sort}&{way}={place}");
            chief.browser.get(&page).await.expect(400);
        }
    }
}

#[tokio::test]
async fn home_shows_what_needs_attention() {
    let (site, chief) = crowd().await;
    sqlx::query("UPDATE muster.institutions SET seats = 30")
        .execute(site.sql())
        .await
        .unwrap();
    site.run(
        "UPDATE muster.invitations SET asked_again_at = clock_timestamp()
         WHERE membership_id = (SELECT id FROM muster.memberships WHERE email = $1)",
        "person100@example.org",
    )
    .await;
    let attention = chief
        .browser
        .call("attention", &json!({ "slug": "harbour" }))
        .await
        .expect(200)
        .json();
    let count = |kind: &str| attention[kind]["count"].clone();
    assert_eq!(count("expiring"), 6);
    assert_eq!(count("expired"), 97);
    assert_eq!(count("asked"), 1);
    assert_eq!(count("refused"), 0);
    assert_eq!(
        attention["asked"]["rows"][0]["email"],
        "person100@example.org"
    );
    assert_eq!(attention["expired"]["rows"].as_array().unwrap().len(), 3);
    assert_eq!(attention["seats"], json!([24, 30]));
}

#[tokio::test]
async fn the_demo_has_people_in_every_state_and_is_created_once() {
    let site = Site::new().await;
    server::demo::run(&site.service).await.unwrap();
    assert!(server::demo::run(&site.service).await.is_err());
    let counts = "SELECT count(DISTINCT (m.listing, i.expires_at > clock_timestamp(), i.mail_state))
        FROM muster.memberships m
        LEFT JOIN muster.invitations i ON i.institution_id = m.institution_id AND i.membership_id = m.id
        WHERE m.listing IS NOT NULL";
    assert_eq!(site.count(counts).await, 7);
    assert_eq!(
        site.count("SELECT count(*) FROM muster.memberships").await,
        500
    );
}
