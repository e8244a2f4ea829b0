//! Identifies the caller: session, language, IP address.

use std::net::{IpAddr, SocketAddr};

use axum::{
    extract::{ConnectInfo, Query, Request, State},
    http::{HeaderMap, Uri, header},
    middleware::Next,
    response::Response,
};
use axum_extra::extract::cookie::CookieJar;
use muster::{ids::AccountId, language::Language};
use rpc::{Caller, Session, Theme};
use serde::Deserialize;

use super::{Http, plain};
use crate::{
    cookies::Purpose,
    error::{Error, boundary},
    store::sessions,
    stored,
};

/// Identifies the caller and stores it in the request for pages and functions.
pub async fn identify(
    State(http): State<Http>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    mut request: Request,
    next: Next,
) -> Response {
    let (headers, uri) = (request.headers(), request.uri());
    match boundary("identify_caller", find(&http, peer.ip(), headers, uri)).await {
        Ok(caller) => {
            request.extensions_mut().insert(caller);
            next.run(request).await
        }
        Err(failure) => plain::answer(&failure, request.uri().path(), request.headers()),
    }
}

async fn find(http: &Http, peer: IpAddr, headers: &HeaderMap, uri: &Uri) -> Result<Caller, Error> {
    let jar = CookieJar::from_headers(headers);
    let cookies = http.service.cookies;
    let links = cookies.links(headers);
    let (mut session, mut choosing) = (None, None);
    let mut chosen = None;
    if let Some(token) = cookies.token(&jar, Purpose::Session) {
        let hash = token.hash();
        let mut connection = http.service.store.reserved().acquire().await?;
        if let Some(living) = sessions::living(&mut connection, &hash).await? {
            let found = Some(Session {
                hash,
                account: AccountId::from_uuid(living.account_id),
            });
            if living.must_change_password {
                choosing = found;
            } else {
                session = found;
            }
            chosen = living.language.as_deref().map(stored::language);
        }
    }
    if chosen.is_none()
        && uri.path() == "/accept"
        && let Ok(Query(LinkQuery { link })) = Query::try_from_uri(uri)
    {
        chosen = http.service.invitation_language(&links, &link).await?;
    }
    let language = chosen
        .or_else(|| {
            let accepted = headers.get(header::ACCEPT_LANGUAGE)?.to_str().ok()?;
            Language::best_match(accepted)
        })
        .unwrap_or(Language::En);
    let theme = match cookies.read(&jar, Purpose::Theme).as_deref() {
        Some("light") => Some(Theme::Light),
        Some("dark") => Some(Theme::Dark),
        _ => None,
    };
    Ok(Caller {
        session,
        choosing,
        language,
        ip: http.trusted_proxies.client(peer, headers),
        mailbox: http
            .mailbox
            .as_ref()
            .is_some_and(|key| key.admits((peer, uri, headers), cookies, &jar)),
        links,
        theme,
    })
}

/// The link that a page refers to.
#[derive(Deserialize)]
struct LinkQuery {
    link: String,
}
