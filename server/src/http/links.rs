//! Mailed links. The token leaves the address at once: it goes into a short-lived cookie and the browser
//! on to an address without it, which nothing can leak. Opening a link changes nothing else.

use axum::{
    extract::{Path, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};

use super::Http;
use crate::{cookies::Purpose, keys::Token};

/// Of the first set-up.
pub async fn setup(State(http): State<Http>, Path(token): Path<String>) -> Response {
    keep(&http, Purpose::Setup, &token, "/setup")
}

/// Of an invitation.
pub async fn accept(State(http): State<Http>, Path(token): Path<String>) -> Response {
    keep(&http, Purpose::Accept, &token, "/accept")
}

/// Of a forgotten password.
pub async fn reset(State(http): State<Http>, Path(token): Path<String>) -> Response {
    keep(&http, Purpose::Reset, &token, "/reset")
}

/// Of a locked account.
pub async fn unlock(State(http): State<Http>, Path(token): Path<String>) -> Response {
    keep(&http, Purpose::Unlock, &token, "/unlock")
}

/// Of an address to be proved.
pub async fn confirm(State(http): State<Http>, Path(token): Path<String>) -> Response {
    keep(&http, Purpose::Confirm, &token, "/confirm")
}

/// What cannot be a token takes an older one's cookie away, so that the page shows what this link is: dead.
fn keep(http: &Http, purpose: Purpose, token: &str, page: &str) -> Response {
    let cookie = match Token::parse(token) {
        Some(token) => http.service.cookies.link(purpose, token.as_str()),
        None => http.service.cookies.remove(purpose),
    };
    (
        StatusCode::SEE_OTHER,
        [
            (header::LOCATION, page.to_owned()),
            (header::SET_COOKIE, cookie),
        ],
    )
        .into_response()
}
