//! Requests of bulk import that are neither pages nor server functions: uploads of parts, downloads of reports, and
//! progress streams.

use std::{convert::Infallible, time::Duration};

use axum::{
    Extension,
    body::Body,
    extract::{Path, Query, State},
    http::{HeaderMap, StatusCode, header},
    response::{
        IntoResponse as _, Response,
        sse::{Event, KeepAlive, Sse},
    },
};
use futures::{StreamExt as _, stream};
use muster::failure::Failure;
use rpc::{Caller, status};
use serde::Deserialize;
use tokio::time::{Instant, timeout, timeout_at};

use super::{Http, input::too_slow, plain};
use crate::imports::{Only, Part};

/// The time limit for a part: a megabyte at the speed of a poor mobile connection.
const PART_PATIENCE: Duration = Duration::from_mins(2);
/// How often progress is sent without a step.
const TICK: Duration = Duration::from_millis(500);
/// After this time the stream ends and the browser reconnects, so a shutdown never waits longer for streams.
const WATCHED: Duration = Duration::from_secs(10);

/// Receives a part of the file.
pub async fn part(
    State(http): State<Http>,
    Extension(caller): Extension<Caller>,
    Path((slug, id, number)): Path<(String, String, u32)>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let said = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let gzip = match said("content-encoding") {
        None | Some("identity") => false,
        Some("gzip") => true,
        Some(_) => return StatusCode::UNSUPPORTED_MEDIA_TYPE.into_response(),
    };
    // Permissions are checked before the body is read.
    let account = match http.service.may_import(&caller, &slug, &id).await {
        Ok(account) => account,
        Err(failure) => return refused(failure),
    };
    let _under_way = match http.service.parts.begin(account) {
        Ok(under_way) => under_way,
        Err(failure) => return refused(failure),
    };
    let body = axum::body::to_bytes(body, crate::imports::LARGEST_PART);
    let body = match tokio::time::timeout(PART_PATIENCE, body).await {
        Ok(Ok(body)) => body,
        Ok(Err(_)) => return StatusCode::PAYLOAD_TOO_LARGE.into_response(),
        Err(_) => return too_slow(),
    };
    // The upload may have taken minutes.
    if let Err(failure) = http.service.is_signed_in(&caller, &slug).await {
        return refused(failure);
    }
    let part = Part {
        number,
        sha256: said("x-part-sha256").unwrap_or_default().to_owned(),
        gzip,
        body,
    };
    match http.service.add_part(&caller, &slug, &id, part).await {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(failure) => refused(failure),
    }
}

/// The query of a report: which rows.
#[derive(Debug, Deserialize)]
pub struct Which {
    only: Option<String>,
}

/// Sends the report.
pub async fn report(
    State(http): State<Http>,
    Extension(caller): Extension<Caller>,
    Path((slug, id)): Path<(String, String)>,
    Query(which): Query<Which>,
    headers: HeaderMap,
) -> Response {
    let only = match which.only.as_deref() {
        None => Only::All,
        Some("failed") => Only::Failed,
        Some(_) => return refused(Failure::BadRequest),
    };
    match http.service.import_report(&caller, &slug, &id, only).await {
        Ok(download) => {
            let file_name = download.file_name.clone();
            let pieces = stream::unfold(Some(download), move |download| {
                let (http, caller) = (http.clone(), caller.clone());
                let (slug, id) = (slug.clone(), id.clone());
                async move {
                    let mut download = download?;
                    let piece = download.next().await?;
                    // Nothing more is sent after the caller was signed out or removed: the download is aborted.
                    match http.service.may_import_still(&caller, &slug, &id).await {
                        Ok(()) => Some((piece, Some(download))),
                        Err(failure) => Some((Err(std::io::Error::other(failure)), None)),
                    }
                }
            });
            // The compression layer polls again after the end, which an unfused stream does not allow.
            let pieces = pieces.fuse();
            saved(&file_name, Body::from_stream(pieces))
        }
        // The link is followed by the browser itself, which shows the answer.
        Err(failure) if is_page_load(&headers) => plain::answer(&failure, "", &headers),
        Err(failure) => refused(failure),
    }
}

/// Sends the template file.
pub async fn template(
    State(http): State<Http>,
    Extension(caller): Extension<Caller>,
    Path(slug): Path<String>,
) -> Response {
    match http.service.import_template(&caller, &slug).await {
        Ok(text) => saved("people.csv", Body::from(text)),
        Err(failure) => refused(failure),
    }
}

/// Streams the progress until the import is idle.
pub async fn progress(
    State(http): State<Http>,
    Extension(caller): Extension<Caller>,
    Path((slug, id)): Path<(String, String)>,
) -> Response {
    let account = match http.service.may_import(&caller, &slug, &id).await {
        Ok(account) => account,
        Err(failure) => return refused(failure),
    };
    let Ok(import) = id.parse() else {
        return refused(Failure::NotFound);
    };
    let under_way = match http.service.streams.begin(account) {
        Ok(under_way) => under_way,
        Err(failure) => return refused(failure),
    };
    let until = Instant::now() + WATCHED;
    // Subscribe before reading the state, so that no step in between is missed.
    let watcher = http.service.watching.watch();
    let events = stream::unfold(Some((watcher, under_way, false)), move |watching| {
        let (http, caller) = (http.clone(), caller.clone());
        let (slug, id) = (slug.clone(), id.clone());
        async move {
            let (mut watcher, under_way, told) = watching?;
            if told
                && timeout_at(until, timeout(TICK, watcher.step_of(import)))
                    .await
                    .is_err()
            {
                return None;
            }
            // Nothing more is sent after the caller was signed out or removed.
            http.service.is_signed_in(&caller, &slug).await.ok()?;
            let view = http.service.watch_import(&caller, &slug, &id).await.ok()?;
            let next = view.is_under_way().then_some((watcher, under_way, true));
            let event = Event::default()
                .json_data(&view)
                .inspect_err(|error| tracing::error!(%error, "the progress can't be encoded"))
                .ok()?;
            Some((Ok::<_, Infallible>(event), next))
        }
    });
    Sse::new(events.fuse())
        .keep_alive(KeepAlive::default())
        .into_response()
}

fn saved(file_name: &str, body: Body) -> Response {
    // The file name in the header is plain ASCII, whatever the file is called.
    let plain: String = file_name
        .chars()
        .map(|it| {
            if it.is_ascii_alphanumeric() || matches!(it, '-' | '_' | '.') {
                it
            } else {
                '_'
            }
        })
        .collect();
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"{plain}\""),
        ),
    ];
    (headers, body).into_response()
}

fn is_page_load(headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT);
    accept.is_some_and(|kinds| kinds.to_str().is_ok_and(|it| it.contains("text/html")))
}

fn refused(failure: Failure) -> Response {
    (status(&failure), axum::Json(failure)).into_response()
}
