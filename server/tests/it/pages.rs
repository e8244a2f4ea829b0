//! The second half of the table in `functions`: pages, forms and other routes. A test fails until a new page has its line
//! here.

use crate::functions::{ANYBODY, BY_LINK, MANAGES, World, callers, world};

/// Pages by the router's paths, with the status of GET for the same four callers. 303 redirects to the sign-in page.
pub const PAGES: &[(&str, [u16; 4])] = &[
    ("/setup", BY_LINK),
    ("/sign-in", ANYBODY),
    ("/forgotten", ANYBODY),
    ("/reset", BY_LINK),
    // Only for a member who signed in with a temporary password.
    ("/new-password", [303; 4]),
    ("/unlock", BY_LINK),
    ("/confirm", BY_LINK),
    ("/accept", BY_LINK),
    ("/profile", [303, 200, 200, 200]),
    ("/dev/mailbox", [404; 4]),
    ("/dev/mailbox/:id", [404; 4]),
    ("/i/:slug", [303, 200, 404, 200]),
    ("/i/:slug/users", [303, 403, 404, 200]),
    ("/i/:slug/users/new", [303, 403, 404, 200]),
    ("/i/:slug/users/:id", [303, 403, 404, 200]),
    ("/i/:slug/users/:id/edit", [303, 403, 404, 200]),
    ("/i/:slug/invite", [303, 403, 404, 200]),
    ("/i/:slug/invitations", [303, 403, 404, 200]),
    ("/i/:slug/imports", [303, 403, 404, 200]),
    ("/i/:slug/imports/new", [303, 403, 404, 200]),
    // There is no such import for anybody.
    ("/i/:slug/imports/:id", [303, 403, 404, 404]),
];

/// Other routes.
pub const ROUTES: &[(&str, [u16; 4])] = &[
    ("/", [303; 4]),
    ("/setup/token", [303; 4]),
    ("/accept/token", [303; 4]),
    ("/reset/token", [303; 4]),
    ("/unlock/token", [303; 4]),
    ("/confirm/token", [303; 4]),
    ("/dev/mailbox/1/html", [404; 4]),
    // Nothing has been planned yet.
    ("/i/:slug/imports/:import/report.csv", [401, 403, 404, 409]),
    ("/i/:slug/imports/:import/progress", MANAGES),
    ("/i/:slug/imports/template.csv", MANAGES),
    ("/healthz", ANYBODY),
    ("/no-such-page", [404; 4]),
];

/// Forms by their pages, with the status of POST for the same four callers.
pub const FORMS: &[(&str, &str, [u16; 4])] = &[
    (
        "/i/:slug/invite",
        "intent=invite&rows[0][email]=form@example.org&rows[0][role]=:role&note=",
        MANAGES,
    ),
    (
        "/i/:slug/users/new",
        "intent=create_user&first_name=Ines&last_name=Caro&email=form2@example.org&role=:role",
        [401, 403, 404, 303],
    ),
    ("/i/:slug/users/:id", "intent=copy_link", MANAGES),
    ("/i/:slug/users/:id", "intent=resend", MANAGES),
    (
        "/i/:slug/users/:id",
        "intent=unlock_user",
        [401, 403, 404, 409],
    ),
    // An open invitation is not a member.
    (
        "/i/:slug/users/:id",
        "intent=deactivate_user",
        [401, 403, 404, 409],
    ),
    (
        "/i/:slug/users/:id",
        "intent=reactivate_user",
        [401, 403, 404, 409],
    ),
    (
        "/i/:slug/users/:id",
        "intent=remove_user",
        [401, 403, 404, 409],
    ),
    (
        "/i/:slug/users/:id/edit",
        "intent=edit_user&first_name=&version=1",
        [401, 403, 404, 422],
    ),
    ("/i/:slug/users/:id", "intent=revoke", MANAGES),
    (
        "/i/:slug/users",
        "intent=bulk_users&action=remove&ids[]=019aa000-0000-7000-8000-000000000001",
        MANAGES,
    ),
    (
        "/i/:slug/invitations",
        "intent=bulk_users&action=promote",
        [401, 403, 404, 422],
    ),
    (
        "/profile",
        "intent=choose_language&language=en",
        [401, 303, 303, 303],
    ),
    (
        "/profile",
        "intent=change_password&current=x&password=another-lamp-by-the-sea",
        [401, 422, 422, 422],
    ),
    ("/profile", "intent=confirm_address", [401, 409, 409, 409]),
    (
        "/new-password",
        "intent=choose_password&password=another-lamp-by-the-sea",
        [401; 4],
    ),
    // Not a form: a part of a file, without its hash.
    (
        "/i/:slug/imports/:import/parts/0",
        "a part without its hash",
        [401, 403, 404, 422],
    ),
    // An import without its file has no rejected rows and no waiting invitations.
    (
        "/i/:slug/imports/:import",
        "intent=leave_out_refused",
        [401, 403, 404, 409],
    ),
    (
        "/i/:slug/imports/:import",
        "intent=send_import",
        [401, 403, 404, 409],
    ),
    ("/theme", "theme=dark&to=/profile", [303; 4]),
    ("/sign-out", "", [303; 4]),
];

pub fn filled(pattern: &str, world: &World) -> String {
    pattern
        .replace(":import", &world.import)
        .replace(":slug", &world.chief.slug)
        .replace(":role", &world.role)
        .replace("/dev/mailbox/:id", "/dev/mailbox/1")
        .replace(":id", &world.open[0])
}

#[tokio::test]
async fn every_page_and_form_answers_each_caller_as_in_the_table() {
    let world = world().await;
    let mut wrong = Vec::new();
    for (pattern, statuses) in PAGES.iter().chain(ROUTES) {
        for ((who, browser), expected) in callers(&world).await.iter().zip(statuses) {
            let reply = browser.get(&filled(pattern, &world)).await;
            if reply.status != *expected {
                wrong.push(format!(
                    "GET {pattern}, {who}: {expected} expected, {}",
                    reply.status
                ));
            }
        }
    }
    for (pattern, body, statuses) in FORMS {
        for ((who, browser), expected) in callers(&world).await.iter().zip(statuses) {
            let reply = browser
                .post_raw(&filled(pattern, &world), &filled(body, &world))
                .await;
            if reply.status != *expected {
                wrong.push(format!(
                    "POST {pattern} {body}, {who}: {expected} expected, {}",
                    reply.status
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
