//! Who is asking: the session behind the cookie, the language, the address.

use std::net::{IpAddr, SocketAddr};

use app::backend::{Caller, LinkCookies, Session, Theme};
use axum::{
    extract::{ConnectInfo, Request, State},
    http::{HeaderMap, header},
    middleware::Next,
    response::Response,
};
use axum_extra::extract::cookie::CookieJar;
use muster::{ids::AccountId, language::Language};

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
    match boundary(find(
        &http,
        peer.ip(),
        request.headers(),
        request.uri().path(),
    ))
    .await
    {
        Ok(caller) => {
            request.extensions_mut().insert(caller);
            next.run(request).await
        }
        Err(failure) => plain::answer(&failure, request.uri().path(), request.headers()),
    }
}

async fn find(http: &Http, peer: IpAddr, headers: &HeaderMap, path: &str) -> Result<Caller, Error> {
    let jar = CookieJar::from_headers(headers);
    let cookies = http.service.cookies;
    let links = LinkCookies {
        accept: cookies.read(&jar, Purpose::Accept),
        reset: cookies.read(&jar, Purpose::Reset),
        unlock: cookies.read(&jar, Purpose::Unlock),
        setup: cookies.read(&jar, Purpose::Setup),
        confirm: cookies.read(&jar, Purpose::Confirm),
    };
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
            chosen = living.language.and_then(|code| code.parse().ok());
        }
    }
    if chosen.is_none()
        && let (Some(token), true) = (&links.accept, concerns_invitation(path))
    {
        chosen = http.service.invitation_language(token).await?;
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

fn concerns_invitation(path: &str) -> bool {
    path == "/accept"
        || matches!(
            path.strip_prefix("/api/"),
            Some("accept_view" | "accept" | "accept_confirm" | "decline" | "ask_again")
        )
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
