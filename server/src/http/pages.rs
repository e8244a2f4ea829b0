//! Pages, form posts without JavaScript, and server functions. `app::page_access` says which pages need a session.

use std::{sync::Arc, time::Duration};

use app::{
    app::document,
    page_access::{NEW_PASSWORD, PAGES, PageAccess},
    wrong_address::Origins,
};
use axum::{
    Extension,
    body::Body,
    extract::{Path, Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use leptos::{
    nonce::use_nonce,
    prelude::{Owner, ScopedFuture, provide_context, use_context},
};
use leptos_axum::{ResponseOptions, handle_server_fns_with_context, render_app_async_with_context};
use muster::failure::Failure;
use percent_encoding::{AsciiSet, CONTROLS, PercentEncode, utf8_percent_encode};
use rpc::{
    Backend, Caller, PostedForm, ShellAnswer,
    form_posts::{self, FormOutcome},
    path_pattern,
    users::Users as _,
};
use serde::Deserialize;
use uuid::Uuid;

use super::{
    Http,
    headers::{page_policy, set_cookie},
    page_paths, plain,
};
use crate::error::boundary;

/// Serves a page.
pub async fn get(State(http): State<Http>, request: Request) -> Response {
    let path = request.uri().path();
    let caller = request.extensions().get::<Caller>();
    let signed_in = caller.is_some_and(|caller| caller.session.is_some());
    match (
        access(path, PAGES, page_paths()),
        must_choose_password(&request),
    ) {
        (None, _) => return plain::answer(&Failure::NotFound, path, request.headers()),
        (Some(PageAccess::TemporaryPassword), true) => {}
        (_, true) => return see_other(NEW_PASSWORD),
        (Some(PageAccess::TemporaryPassword), false) => {
            return see_other(if signed_in { "/" } else { "/sign-in" });
        }
        (Some(PageAccess::Session), false) if !signed_in => {
            return see_other(&format!("/sign-in?to={}", encoded(path)));
        }
        (Some(PageAccess::Session | PageAccess::Public), false) => {}
    }
    render(&http, request, None, HeaderMap::new()).await
}

/// Returns the access of the page at `path` by the table `pages`, or `None` if the router has a page there that is not
/// in the table. A path without a page shows the page for unknown paths; below an institution, it needs a session like
/// every page there.
fn access(path: &str, pages: &[(&str, PageAccess)], router_paths: &[String]) -> Option<PageAccess> {
    let is_at = |pattern: &str| path_pattern::matches(pattern, path);
    let listed = pages.iter().find(|(pattern, _)| is_at(pattern));
    if let Some((_, access)) = listed {
        Some(*access)
    } else if router_paths.iter().any(|pattern| is_at(pattern)) {
        None
    } else if path.starts_with("/i/") {
        Some(PageAccess::Session)
    } else {
        Some(PageAccess::Public)
    }
}

/// Returns whether the caller signed in with a temporary password. Until it is replaced, all other pages redirect to
/// [`NEW_PASSWORD`].
fn must_choose_password(request: &Request) -> bool {
    let caller = request.extensions().get::<Caller>();
    caller.is_some_and(|caller| caller.choosing.is_some())
}

/// Handles a form that was posted without JavaScript.
pub async fn post(State(http): State<Http>, request: Request) -> Response {
    if must_choose_password(&request) && !matches!(request.uri().path(), NEW_PASSWORD | "/sign-out")
    {
        return see_other(NEW_PASSWORD);
    }
    let (parts, body) = request.into_parts();
    let form = parts.headers.get(header::CONTENT_TYPE).is_some_and(|kind| {
        kind.as_bytes()
            .starts_with(b"application/x-www-form-urlencoded")
    });
    if !form {
        return StatusCode::UNSUPPORTED_MEDIA_TYPE.into_response();
    }
    let Ok(bytes) = axum::body::to_bytes(body, super::LARGEST_BODY).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let Ok(body) = String::from_utf8(bytes.into()) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let path = parts.uri.path().to_owned();
    let posted_to = path.clone();
    let response = ResponseOptions::default();
    let owner = Owner::new();
    let outcome = owner
        .with(|| {
            provide_context(parts.clone());
            provide_context(response.clone());
            provide_context(http.backend());
            ScopedFuture::new(async move { form_posts::handle(&posted_to, body).await })
        })
        .await;
    let carried = response
        .0
        .read()
        .map(|parts| parts.headers.clone())
        .unwrap_or_default();
    match outcome {
        Ok(FormOutcome::Redirect(to)) => {
            let mut answer = see_other(&to);
            answer.headers_mut().extend(carried);
            answer
        }
        Ok(FormOutcome::Rerender(form)) => {
            let mut request = Request::from_parts(parts, Body::empty());
            *request.method_mut() = Method::GET;
            render(&http, request, Some(form), carried).await
        }
        Err(failure) => plain::answer(&failure, &path, &parts.headers),
    }
}

/// Handles a server function.
pub async fn function(State(http): State<Http>, request: Request) -> Response {
    let backend = http.backend();
    handle_server_fns_with_context(move || provide_context(Arc::clone(&backend)), request)
        .await
        .into_response()
}

/// The time limit for rendering a page. The database makes a page wait for less, so a page that takes longer waits for
/// something that will never happen, such as the result of a task that has panicked.
pub const PAGE_TIME: Duration = Duration::from_secs(45);

/// Renders a page, within the time limit.
async fn render(
    http: &Http,
    request: Request,
    form: Option<PostedForm>,
    carried: HeaderMap,
) -> Response {
    let (path, headers) = (request.uri().path().to_owned(), request.headers().clone());
    let rendered = rendered(http, request, form, carried);
    if let Ok(response) = tokio::time::timeout(http.page_time, rendered).await {
        return response;
    }
    let incident = Uuid::now_v7().simple().to_string();
    tracing::error!(incident, "a page took too long");
    // Recorded in the request's log line too.
    tracing::Span::current().record("incident", &incident);
    plain::answer(&Failure::Internal { incident }, &path, &headers)
}

async fn rendered(
    http: &Http,
    request: Request,
    form: Option<PostedForm>,
    carried: HeaderMap,
) -> Response {
    let backend: Arc<dyn Backend> = http.backend();
    let caller = request.extensions().get::<Caller>().cloned();
    let shell = shell(http, request.uri().path().to_owned(), caller).await;
    let options = http.options.clone();
    let policy = options.clone();
    let origins = http.origins.join(" ");
    let context = move || {
        provide_context(Arc::clone(&backend));
        provide_context(Origins(origins.clone()));
        if let Some(answer) = &shell {
            provide_context(answer.clone());
        }
        let Some(response) = use_context::<ResponseOptions>() else {
            return;
        };
        match HeaderValue::from_str(&page_policy(use_nonce().as_ref(), &policy)) {
            Ok(policy) => response.insert_header(header::CONTENT_SECURITY_POLICY, policy),
            // The response then has the policy of responses that are not pages, which allows nothing.
            Err(error) => tracing::error!(%error, "a page's content security policy is invalid"),
        }
        for (name, value) in &carried {
            response.append_header(name.clone(), value.clone());
        }
        if let Some(ShellAnswer(Err(failure))) = &shell {
            response.set_status(rpc::status(failure));
        }
        if let Some(form) = &form {
            if let Err(failure) = &form.answer {
                response.set_status(rpc::status(failure));
            }
            provide_context(form.clone());
        }
    };
    render_app_async_with_context(context, move || document(options.clone()))(request).await
}

/// Returns the frame of the page at `path` if it is a page of an institution.
async fn shell(http: &Http, path: String, caller: Option<Caller>) -> Option<ShellAnswer> {
    let slug = path.strip_prefix("/i/")?.split('/').next()?;
    let answer = http.service.shell(&caller?, slug).await;
    Some(ShellAnswer(answer.map(|answer| answer.value)))
}

/// Redirects the root path to the place where the person was last.
pub async fn front(
    State(http): State<Http>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
) -> Response {
    let to = boundary("front_page", async {
        match &caller.session {
            None if caller.choosing.is_some() => Ok(NEW_PASSWORD.to_owned()),
            None => Ok("/sign-in".to_owned()),
            Some(session) => {
                let mut tx = http.service.store.across().await?;
                http.service.home(&mut tx, session.account).await
            }
        }
    });
    match to.await {
        Ok(to) => see_other(&to),
        Err(failure) => plain::answer(&failure, "/", &headers),
    }
}

/// The form that switches between light and dark.
#[derive(Debug, Deserialize)]
pub struct ThemeForm {
    theme: String,
    #[serde(default)]
    to: String,
}

/// Stores the theme in a cookie and redirects back to the page.
pub async fn theme(State(http): State<Http>, axum::Form(form): axum::Form<ThemeForm>) -> Response {
    let cookie = match form.theme.as_str() {
        theme @ ("light" | "dark") => http.service.cookies.theme(theme),
        _ => http.service.cookies.remove(crate::cookies::Purpose::Theme),
    };
    let back = muster::draft::own_page(&form.to).unwrap_or_else(|| "/".to_owned());
    let mut response = see_other(&back);
    set_cookie(&mut response, &cookie);
    response
}

/// Serves an email's HTML part for the frame on its page, without scripts and with its own policy.
pub async fn mail_html(
    State(http): State<Http>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<i64>,
) -> Response {
    match http.service.mail_html(&caller, id).await {
        Ok(html) => (
            [(
                header::CONTENT_SECURITY_POLICY,
                "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; \
                 sandbox allow-popups allow-popups-to-escape-sandbox allow-top-navigation-by-user-activation",
            )],
            axum::response::Html(html),
        )
            .into_response(),
        Err(failure) => rpc::status(&failure).into_response(),
    }
}

/// The timeout of the database in `/healthz`. The whole response takes less than a second.
const HEALTH_TIMEOUT: Duration = Duration::from_millis(800);

/// Reports whether the process responds and reaches its database.
pub async fn health(State(http): State<Http>) -> Response {
    match tokio::time::timeout(HEALTH_TIMEOUT, http.service.store.answers()).await {
        Ok(Ok(())) => "ok".into_response(),
        Ok(Err(_)) | Err(_) => no_database(),
    }
}

/// Returns the response of `/healthz` without a database.
pub fn no_database() -> Response {
    (StatusCode::SERVICE_UNAVAILABLE, "no database").into_response()
}

fn see_other(to: &str) -> Response {
    match HeaderValue::from_str(to) {
        Ok(to) => (StatusCode::SEE_OTHER, [(header::LOCATION, to)]).into_response(),
        Err(_) => rpc::status(&Failure::BadRequest).into_response(),
    }
}

/// The characters that end or separate values in a query.
const NOT_IN_VALUES: &AsciiSet = &CONTROLS
    .add(b'&')
    .add(b'#')
    .add(b'+')
    .add(b'%')
    .add(b'?')
    .add(b'=');

/// Percent-encodes a path as a query value.
fn encoded(path: &str) -> PercentEncode<'_> {
    utf8_percent_encode(path, NOT_IN_VALUES)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_that_is_not_in_the_table_is_refused() {
        let pages = [
            ("/sign-in", PageAccess::Public),
            ("/i/{slug}", PageAccess::Session),
        ];
        let router = ["/sign-in", "/i/{slug}", "/i/{slug}/new-page"].map(str::to_owned);
        let access = |path| access(path, &pages, &router);
        assert_eq!(access("/sign-in"), Some(PageAccess::Public));
        assert_eq!(access("/i/harbour"), Some(PageAccess::Session));
        assert_eq!(access("/i/harbour/new-page"), None);
        assert_eq!(access("/no-such-page"), Some(PageAccess::Public));
        assert_eq!(access("/i/harbour/no-such-page"), Some(PageAccess::Session));
    }
}
