//! Mailed links.
//!
//! The token is removed from the URL immediately: the browser gets the link's ticket in a cookie and is redirected to a
//! URL with a public handle. Opening a link changes nothing else.

use axum::{
    Extension,
    extract::{Request, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use rpc::Caller;

use super::{Http, headers::set_cookie, plain};
use crate::{error::boundary, mailed_links::LinkPage};

/// Opens the link of the first set-up.
pub async fn setup(http: State<Http>, caller: Extension<Caller>, request: Request) -> Response {
    open(http, caller, LinkPage::Setup, request).await
}

/// Opens the link of an invitation.
pub async fn accept(http: State<Http>, caller: Extension<Caller>, request: Request) -> Response {
    open(http, caller, LinkPage::Accept, request).await
}

/// Opens the link of a password reset.
pub async fn reset(http: State<Http>, caller: Extension<Caller>, request: Request) -> Response {
    open(http, caller, LinkPage::Reset, request).await
}

/// Opens the link to unlock an account.
pub async fn unlock(http: State<Http>, caller: Extension<Caller>, request: Request) -> Response {
    open(http, caller, LinkPage::Unlock, request).await
}

/// Opens the link to confirm an address.
pub async fn confirm(http: State<Http>, caller: Extension<Caller>, request: Request) -> Response {
    open(http, caller, LinkPage::Confirm, request).await
}

/// Opens a link. The path is used as sent, because what is attached to a token may not be UTF-8.
async fn open(
    State(http): State<Http>,
    Extension(caller): Extension<Caller>,
    page: LinkPage,
    request: Request,
) -> Response {
    let path = request.uri().path();
    let text = path.trim_start_matches('/');
    let text = text.strip_prefix(page.name()).unwrap_or(text);
    let opened = match boundary("open_link", http.service.open_link(&caller, page, text)).await {
        Ok(opened) => opened,
        Err(failure) => return plain::answer(&failure, path, request.headers()),
    };
    let mut response =
        (StatusCode::SEE_OTHER, [(header::LOCATION, opened.location)]).into_response();
    for cookie in &opened.cookies {
        set_cookie(&mut response, cookie);
    }
    response
}
