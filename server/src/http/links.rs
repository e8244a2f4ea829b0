//! Mailed links. The token leaves the address at once: the browser keeps what acts for the link in a cookie and goes on to
//! an address with a handle that is no secret. Opening a link changes nothing else.

use app::backend::Caller;
use axum::{
    Extension,
    extract::{Request, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};

use super::{Http, plain};
use crate::{error::boundary, mailed_links::LinkPage};

/// Of the first set-up.
pub async fn setup(http: State<Http>, caller: Extension<Caller>, request: Request) -> Response {
    open(http, caller, LinkPage::Setup, request).await
}

/// Of an invitation.
pub async fn accept(http: State<Http>, caller: Extension<Caller>, request: Request) -> Response {
    open(http, caller, LinkPage::Accept, request).await
}

/// Of a forgotten password.
pub async fn reset(http: State<Http>, caller: Extension<Caller>, request: Request) -> Response {
    open(http, caller, LinkPage::Reset, request).await
}

/// Of a locked account.
pub async fn unlock(http: State<Http>, caller: Extension<Caller>, request: Request) -> Response {
    open(http, caller, LinkPage::Unlock, request).await
}

/// Of an address to be confirmed.
pub async fn confirm(http: State<Http>, caller: Extension<Caller>, request: Request) -> Response {
    open(http, caller, LinkPage::Confirm, request).await
}

/// The path is taken as it was sent: what is attached to a token may be no text at all.
async fn open(
    State(http): State<Http>,
    Extension(caller): Extension<Caller>,
    page: LinkPage,
    request: Request,
) -> Response {
    let path = request.uri().path();
    let text = path.trim_start_matches('/');
    let text = text.strip_prefix(page.name()).unwrap_or(text);
    let opened = match boundary(http.service.open_link(&caller, page, text)).await {
        Ok(opened) => opened,
        Err(failure) => return plain::answer(&failure, path, request.headers()),
    };
    let mut response =
        (StatusCode::SEE_OTHER, [(header::LOCATION, opened.location)]).into_response();
    for cookie in &opened.cookies {
        if let Ok(cookie) = HeaderValue::from_str(cookie) {
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
    }
    response
}
