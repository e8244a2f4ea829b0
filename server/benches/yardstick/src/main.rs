//! What Muster's pages are measured against (`make bench-page`): an axum server that does the same SQL as Muster's
//! list of users and then sends bytes that are already there, and one that does a search's SQL alone.
//! To add a yardstick: a route here, and its pair in `end2end/bench-page.mjs`.
//!
//! Takes `DATABASE_URL`; `PAGE`, a file with the bytes to send; `SESSION`, the token of a signed-in administrator of
//! the institution `big`. Prints the address that it listens on.

use std::{
    env, fs,
    net::{IpAddr, Ipv4Addr},
    sync::Arc,
    time::Instant,
};

use axum::{
    Router,
    body::Bytes,
    extract::{Query, State},
    http::{StatusCode, header},
    response::{Html, IntoResponse, Response},
    routing::get,
};
use muster::{
    ids::{AccountId, InstitutionId},
    language::Language,
    users_query::UsersQuery,
};
use rpc::{Caller, LinkCookies, Session, users::Users as _};
use serde::Deserialize;
use server::{
    config::Config,
    process::Sentence,
    service::Service,
    store::{
        Role, Store, counts, institutions,
        listing::{self, Filter, Page},
        sessions,
    },
};
use sha2::{Digest as _, Sha256};

/// As many connections as a serving Muster has.
const CONNECTIONS: u32 = 16;
/// As Muster's list has them.
const ROWS: i64 = 50;
const COUNTED: i64 = 10_000;
const LOOKED_AT: i64 = 1_000;

#[derive(Clone)]
struct Yard {
    service: Arc<Service>,
    page: Bytes,
    session: [u8; 32],
    institution: InstitutionId,
}

#[tokio::main]
async fn main() -> Result<(), Sentence> {
    let url = env::var("DATABASE_URL").map_err(sentence)?;
    let token = env::var("SESSION").map_err(sentence)?;
    let page = fs::read(env::var("PAGE").map_err(sentence)?).map_err(sentence)?;
    let environment = [
        ("DATABASE_URL", url.as_str()),
        ("MUSTER_ORIGIN", "http://muster.example"),
        ("MUSTER_SECRET", "a secret for benches, 32 bytes long"),
        ("MUSTER_SMTP_HOST", "127.0.0.1"),
        ("MUSTER_SMTP_FROM", "muster@example.org"),
    ]
    .map(|(name, value)| (name.into(), value.into()));
    let config = Config::from_sources(None, environment.to_vec()).map_err(sentence)?;
    let store = Store::connect(&url, Role::App, CONNECTIONS)
        .await
        .map_err(sentence)?;
    let session = Sha256::digest(token.as_bytes()).into();
    let institution = big(&store, &session).await.map_err(sentence)?;
    let service = Service::new(
        &config,
        b"a secret for benches, 32 bytes long",
        store,
        false,
    )
    .map_err(sentence)?;
    let yard = Yard {
        service: Arc::new(service),
        page: page.into(),
        session,
        institution: institution.ok_or("SESSION is nobody's at the institution big")?,
    };
    let router = Router::new()
        .route("/i/big/users", get(page_after_sql))
        .route("/search", get(search))
        .with_state(yard);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .map_err(sentence)?;
    println!("http://{}", listener.local_addr().map_err(sentence)?);
    axum::serve(listener, router).await.map_err(sentence)
}

fn sentence(error: impl std::fmt::Display) -> Sentence {
    error.to_string()
}

async fn big(store: &Store, session: &[u8; 32]) -> Result<Option<InstitutionId>, sqlx::Error> {
    let mut tx = store.across().await?;
    let Some(living) = sessions::living(&mut tx, session).await? else {
        return Ok(None);
    };
    let account = AccountId::from_uuid(living.account_id);
    let open = institutions::open(&mut tx, "big", account).await?;
    Ok(open.map(|(institution, _)| institution))
}

/// What the list of users asks of the database, its session and what surrounds the page included; then the page as it
/// was rendered once.
async fn page_after_sql(State(yard): State<Yard>) -> Response {
    match asked(&yard).await {
        Ok(()) => Html(yard.page.clone()).into_response(),
        Err(why) => failed(&why),
    }
}

async fn asked(yard: &Yard) -> Result<(), String> {
    let mut connection = yard
        .service
        .store
        .pool()
        .acquire()
        .await
        .map_err(sentence)?;
    let living = sessions::living(&mut connection, &yard.session)
        .await
        .map_err(sentence)?
        .ok_or("the session has ended")?;
    drop(connection);
    let caller = Caller {
        choosing: None,
        session: Some(Session {
            hash: yard.session,
            account: AccountId::from_uuid(living.account_id),
        }),
        language: Language::En,
        ip: IpAddr::V4(Ipv4Addr::LOCALHOST),
        mailbox: false,
        links: LinkCookies::default(),
        theme: None,
    };
    let (service, query) = (&yard.service, UsersQuery::default());
    let shell = service.shell(&caller, "big").await;
    shell.map_err(|failure| failure.code().to_owned())?;
    let users = service.users(&caller, "big", &query).await;
    users.map_err(|failure| failure.code().to_owned())?;
    Ok(())
}

#[derive(Deserialize)]
struct Wanted {
    q: String,
}

/// A search's SQL alone, on a connection that is open: answers the microseconds that it took.
async fn search(State(yard): State<Yard>, Query(wanted): Query<Wanted>) -> Response {
    match searched(&yard, &wanted.q).await {
        Ok(micros) => micros.to_string().into_response(),
        Err(error) => failed(&error.to_string()),
    }
}

async fn searched(yard: &Yard, q: &str) -> Result<u128, sqlx::Error> {
    let mut tx = yard.service.store.tenant(yard.institution).await?;
    let began = Instant::now();
    let mut words: Vec<String> = q.split_whitespace().map(str::to_owned).collect();
    if words.len() > 1 {
        words = counts::rarest_first(&mut tx, yard.institution, &words, COUNTED).await?;
    }
    let page = Page {
        institution: yard.institution,
        filter: Filter::default(),
        only: None,
        key: None,
        limit: ROWS + 1,
    };
    let rows = listing::found(&mut tx, page, &words, true).await?;
    if i64::try_from(rows.len()).is_ok_and(|found| found > ROWS) {
        let most = if words.len() > 1 { LOOKED_AT } else { COUNTED };
        counts::found(
            &mut tx,
            yard.institution,
            Filter::default(),
            &words,
            most + 1,
        )
        .await?;
    }
    Ok(began.elapsed().as_micros())
}

fn failed(why: &str) -> Response {
    (
        StatusCode::INTERNAL_SERVER_ERROR,
        [(header::CONTENT_TYPE, "text/plain")],
        why.to_owned(),
    )
        .into_response()
}
