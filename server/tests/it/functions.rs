//! With `pages`, the one table of everything that can be called. Each server function and each route is called signed out,
//! by a member whose role allows nothing, by another institution's administrator, and by an authorized member. A test fails
//! until a new function has its line here.

use std::collections::BTreeSet;

use app::page_access::PAGES;
use leptos::server_fn::axum::server_fn_paths;
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    pages,
    support::{Browser, Person, Site, draft, new_account},
};

/// What the examples refer to.
pub struct World {
    pub site: Site,
    pub chief: Person,
    pub basic: Person,
    pub stranger: Person,
    pub role: String,
    /// Open invitations of the main contact's institution.
    pub open: Vec<String>,
    /// An import of that institution whose file has not been uploaded yet.
    pub import: String,
}

pub async fn world() -> World {
    let site = Site::new().await;
    let chief = site.institution("Harbour").await;
    let stranger = site.institution("Meadow").await;
    let basic = site
        .member(&chief, "basic@example.org", "heron.basic", "Basic")
        .await;
    let mut open = Vec::new();
    for number in 0..4 {
        let email = format!("open{number}@example.org");
        assert_eq!(site.invite(&chief, &email, "Basic").await, json!("Invited"));
        open.push(site.membership(&email).await);
    }
    let role = site.role(&chief, "Basic").await;
    let announced = draft(b"first_name,last_name,email\n", &role);
    let import = chief.browser.begin(&chief.slug, &announced).await.id;
    World {
        site,
        chief,
        basic,
        stranger,
        role,
        open,
        import,
    }
}

/// A server function: its name, example arguments, and the status for a signed-out visitor, a Basic member, another
/// institution's administrator, and an authorized member.
pub type Function = (&'static str, fn(&World) -> Value, [u16; 4]);

fn nothing(_: &World) -> Value {
    json!({})
}

fn slug(world: &World) -> Value {
    json!({ "slug": world.chief.slug })
}

fn about(world: &World, number: usize) -> Value {
    json!({ "slug": world.chief.slug, "id": world.open[number] })
}

fn import(world: &World) -> Value {
    json!({ "slug": world.chief.slug, "id": world.import })
}

fn person(world: &World, email: &str) -> Value {
    json!({ "first_name": "Ines", "last_name": "Caro", "email": email, "phone": "", "username": "", "role": world.role })
}

/// Nobody has a link's cookie here, so functions that need one answer everybody that the link is invalid.
pub const BY_LINK: [u16; 4] = [410; 4];
/// Functions that need a permission in the institution.
pub const MANAGES: [u16; 4] = [401, 403, 404, 200];
/// Functions that anybody may call.
pub const ANYBODY: [u16; 4] = [200; 4];
/// Functions for one's own account.
const OWN: [u16; 4] = [401, 200, 200, 200];

pub const FUNCTIONS: &[Function] = &[
    ("setup_view", nothing, BY_LINK),
    ("set_up", |_| json!({ "draft": {} }), BY_LINK),
    (
        "username_taken",
        |_| json!({ "username": "kestrel88" }),
        [410, 200, 200, 200],
    ),
    (
        "password_strength",
        |_| json!({ "password": "x", "hints": [] }),
        [410, 200, 200, 200],
    ),
    (
        "sign_in",
        |_| json!({ "draft": { "identifier": "nobody88", "password": "wrong" } }),
        [401; 4],
    ),
    ("sign_out", nothing, ANYBODY),
    ("visitor", nothing, ANYBODY),
    // A different name each time, because one name is mailed only three times.
    (
        "ask_reset",
        |_| json!({ "draft": { "identifier": Uuid::now_v7().simple().to_string() } }),
        ANYBODY,
    ),
    ("reset_view", nothing, BY_LINK),
    ("reset_password", |_| json!({ "draft": {} }), BY_LINK),
    // Only for a member who signed in with a temporary password.
    ("choose_view", nothing, [401; 4]),
    (
        "choose_password",
        |_| json!({ "draft": { "password": "another-lamp-by-the-sea" } }),
        [401; 4],
    ),
    ("unlock_view", nothing, BY_LINK),
    ("unlock", nothing, BY_LINK),
    ("confirm_view", nothing, BY_LINK),
    ("confirm", nothing, BY_LINK),
    ("accept_view", nothing, BY_LINK),
    ("accept_viewed", nothing, BY_LINK),
    // Without a link's cookie nobody has joined.
    ("already_joined", nothing, ANYBODY),
    ("accept", |_| new_account("heron.88"), BY_LINK),
    ("accept_confirm", nothing, [401, 410, 410, 410]),
    ("decline", nothing, BY_LINK),
    ("ask_again", nothing, BY_LINK),
    ("role_choices", slug, MANAGES),
    (
        "invite",
        |world| {
            let row = json!({ "email": "new@example.org", "role": world.role });
            json!({ "slug": world.chief.slug, "draft": { "rows": [row], "note": "" } })
        },
        MANAGES,
    ),
    (
        "create_user",
        |world| json!({ "slug": world.chief.slug, "draft": person(world, "created@example.org") }),
        MANAGES,
    ),
    ("resend", |world| about(world, 0), MANAGES),
    ("revoke", |world| about(world, 1), MANAGES),
    ("copy_link", |world| about(world, 2), MANAGES),
    (
        "users",
        |world| json!({ "slug": world.chief.slug, "query": { "state": "active" } }),
        MANAGES,
    ),
    (
        "find_users",
        |world| json!({ "slug": world.chief.slug, "q": "open" }),
        MANAGES,
    ),
    ("imports", slug, MANAGES),
    ("import_roles", slug, MANAGES),
    (
        "remembered_mapping",
        |world| json!({ "slug": world.chief.slug, "headers": ["email"] }),
        MANAGES,
    ),
    (
        "begin_import",
        |world| json!({ "slug": world.chief.slug, "draft": draft(b"first_name,last_name,email\n", &world.role) }),
        MANAGES,
    ),
    (
        "edit_import",
        |world| json!({ "slug": world.chief.slug, "id": world.import, "draft": { "left_out": [1] } }),
        MANAGES,
    ),
    ("import_view", import, MANAGES),
    (
        "import_rows",
        |world| json!({ "slug": world.chief.slug, "id": world.import, "kind": "refused", "after": 0 }),
        MANAGES,
    ),
    // The file has not been uploaded, so there is nothing to plan, stop or undo.
    ("plan_import", import, [401, 403, 404, 409]),
    ("apply_import", import, [401, 403, 404, 409]),
    ("stop_import", import, [401, 403, 404, 409]),
    ("resume_import", import, [401, 403, 404, 409]),
    ("undo_import", import, [401, 403, 404, 409]),
    // Likewise, nothing is rejected and nothing waits to be sent.
    ("leave_out_refused", import, [401, 403, 404, 409]),
    ("send_import", import, [401, 403, 404, 409]),
    (
        "schedule_import",
        |world| json!({ "slug": world.chief.slug, "id": world.import, "draft": { "send_at": "2037-07-01T09:00" } }),
        [401, 403, 404, 409],
    ),
    ("unschedule_import", import, [401, 403, 404, 409]),
    ("discard_import", import, MANAGES),
    // Home is for every member; "needs attention" is not for a Basic member.
    ("attention", slug, [401, 200, 404, 200]),
    ("user", |world| about(world, 3), MANAGES),
    // Nobody is locked, so there is nothing to unlock.
    ("unlock_user", |world| about(world, 3), [401, 403, 404, 409]),
    // Open invitations are not members, so there is nobody to deactivate, reactivate or remove.
    (
        "deactivate_user",
        |world| about(world, 3),
        [401, 403, 404, 409],
    ),
    (
        "reactivate_user",
        |world| about(world, 3),
        [401, 403, 404, 409],
    ),
    ("remove_user", |world| about(world, 3), [401, 403, 404, 409]),
    (
        "edit_user",
        |world| {
            let draft = json!({ "first_name": "Ines", "last_name": "Caro", "role": world.role, "version": "1" });
            json!({ "slug": world.chief.slug, "id": world.open[3], "draft": draft })
        },
        MANAGES,
    ),
    (
        "bulk_users",
        |world| json!({ "slug": world.chief.slug, "draft": { "action": "remove", "ids": [world.open[3]] } }),
        MANAGES,
    ),
    ("profile", nothing, OWN),
    (
        "choose_language",
        |_| json!({ "draft": { "language": "en" } }),
        OWN,
    ),
    (
        "change_password",
        |_| json!({ "draft": { "current": "not it", "password": "another-lamp-by-the-sea" } }),
        [401, 422, 422, 422],
    ),
    // Their addresses are confirmed.
    ("confirm_address", nothing, [401, 409, 409, 409]),
    // Exists only with the built-in mailbox.
    ("mailbox", nothing, [404; 4]),
    ("mail", |_| json!({ "id": 1 }), [404; 4]),
];

pub async fn callers(world: &World) -> [(&'static str, Browser); 4] {
    [
        ("signed out", world.site.browser()),
        ("Basic", world.site.session(&world.basic).await),
        (
            "another institution's administrator",
            world.site.session(&world.stranger).await,
        ),
        ("the administrator", world.site.session(&world.chief).await),
    ]
}

#[tokio::test]
async fn every_server_function_and_every_page_is_in_the_table() {
    let _site = Site::new().await;
    let listed: BTreeSet<String> = FUNCTIONS
        .iter()
        .map(|(name, ..)| format!("/rpc/{name}"))
        .collect();
    let registered: BTreeSet<String> = server_fn_paths().map(|(path, _)| path.to_owned()).collect();
    assert_eq!(listed, registered);
    let listed: BTreeSet<String> = pages::PAGES
        .iter()
        .map(|(path, _)| (*path).to_owned())
        .collect();
    let routed: BTreeSet<String> = server::http::page_paths()
        .iter()
        .map(|path| path.replace('{', ":").replace('}', ""))
        .collect();
    assert_eq!(listed, routed);
}

#[tokio::test]
async fn every_page_says_whether_it_needs_a_session() {
    let _site = Site::new().await;
    let listed: BTreeSet<&str> = PAGES.iter().map(|(path, _)| *path).collect();
    let routed: BTreeSet<&str> = server::http::page_paths()
        .iter()
        .map(String::as_str)
        .collect();
    assert_eq!(listed, routed);
    assert_eq!(listed.len(), PAGES.len(), "a page is listed twice");
}

#[test]
fn every_form_belongs_to_a_page() {
    // The browser posts this one from every page.
    const SIGN_OUT: &str = "/sign-out";
    let pages: BTreeSet<&str> = PAGES.iter().map(|(path, _)| *path).collect();
    for form in rpc::form_posts::routes() {
        assert!(
            form.path == SIGN_OUT || pages.contains(form.path),
            "{form:?}"
        );
    }
}

#[tokio::test]
async fn every_function_answers_each_caller_as_in_the_table() {
    let world = world().await;
    let mut wrong = Vec::new();
    for (name, arguments, statuses) in FUNCTIONS {
        for ((who, browser), expected) in callers(&world).await.iter().zip(statuses) {
            let reply = browser.call(name, &arguments(&world)).await;
            if reply.status != *expected {
                wrong.push(format!(
                    "{name}, {who}: {expected} expected, {} {}",
                    reply.status, reply.body
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn refused_calls_change_nothing() {
    let world = world().await;
    let state = "SELECT (SELECT count(*) FROM muster.memberships) + (SELECT count(*) FROM muster.audit)
        + (SELECT count(*) FROM muster.outbox) + (SELECT count(*) FROM muster.imports WHERE state = 'uploading')
        + (SELECT count(*) FROM muster.import_edits) + (SELECT count(*) FROM muster.invitations WHERE closed_at IS NULL)";
    let before = world.site.count(state).await;
    for (name, arguments, statuses) in FUNCTIONS {
        for ((_, browser), status) in callers(&world).await.iter().zip(statuses) {
            if matches!(status, 401 | 403 | 404 | 410) {
                browser.call(name, &arguments(&world)).await;
            }
        }
    }
    assert_eq!(world.site.count(state).await, before);
}

#[tokio::test]
async fn functions_accept_only_post_requests() {
    let world = world().await;
    let browser = world.site.session(&world.chief).await;
    for method in [Method::GET, Method::PUT, Method::DELETE, Method::PATCH] {
        let reply = browser.send(browser.request(method, "/rpc/visitor")).await;
        assert_eq!(reply.status, 403);
    }
    assert_eq!(
        browser.call("no_such_function", &json!({})).await.status,
        400
    );
}
