//! Who is asking: the session behind the cookie, the language, the address.

use std::net::{IpAddr, SocketAddr};

use app::backend::{Caller, Session, Theme};
use axum::{
    extract::{ConnectInfo, Query, Request, State},
    http::{HeaderMap, Uri, header},
    middleware::Next,
    response::Response,
};
use axum_extra::extract::cookie::CookieJar;
use muster::{ids::AccountId, language::Language};
use serde::Deserialize;

use super::{Http, plain};
use crate::{
    cookies::Purpose,
    error::{Error, boundary},
    store::sessions,
};

/// Finds out who is asking and puts it where pages and functions find it.
pub async fn identify(
    State(http): State<Http>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    mut request: Request,
    next: Next,
) -> Response {
    match boundary(find(&http, peer.ip(), request.headers(), request.uri())).await {
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
        let mut connection = http.service.store.pool().acquire().await?;
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
            chosen = living.language.and_then(|code| code.parse().ok());
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
        ip: sender(peer, headers, &http.trusted_proxies),
        loopback: peer.is_loopback()
            && !headers.contains_key("x-forwarded-for")
            && !headers.contains_key("forwarded"),
        links,
        theme,
    })
}

/// The link that a page is about.
#[derive(Deserialize)]
struct LinkQuery {
    link: String,
}

/// The nearest address that is not a trusted proxy's. Headers from anybody else are not believed.
fn sender(peer: IpAddr, headers: &HeaderMap, trusted: &[IpAddr]) -> IpAddr {
    if !trusted.contains(&peer) {
        return peer;
    }
    headers
        .get_all("x-forwarded-for")
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|part| part.trim().parse().ok())
        .collect::<Vec<IpAddr>>()
        .into_iter()
        .rev()
        .find(|address| !trusted.contains(address))
        .unwrap_or(peer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_forwarded_address_is_believed_from_trusted_proxies_only() {
        let proxy: IpAddr = "10.0.0.1".parse().unwrap();
        let person: IpAddr = "198.51.100.7".parse().unwrap();
        let mut headers = HeaderMap::new();
        headers.insert(
            "x-forwarded-for",
            "203.0.113.9, 198.51.100.7".parse().unwrap(),
        );
        assert_eq!(sender(proxy, &headers, &[]), proxy);
        assert_eq!(sender(proxy, &headers, &[proxy]), person);
        assert_eq!(sender(person, &headers, &[proxy]), person);
    }
}
