//! What of bulk import is no page and no function: parts of a file on their way in, its report on its way out, and the
//! progress of what is under way.

use std::{convert::Infallible, time::Duration};

use app::backend::{Caller, status};
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
use serde::Deserialize;
use tokio::time::{Instant, timeout, timeout_at};

use super::{Http, input::too_slow};
use crate::imports::{Only, Part};

/// For how long a part may come in: a megabyte at the pace of a poor mobile line.
const PART_PATIENCE: Duration = Duration::from_mins(2);
/// How often the progress is told where no step is.
const TICK: Duration = Duration::from_millis(500);
/// After this time the browser asks anew: a server that is to stop never waits longer for those who watch.
const WATCHED: Duration = Duration::from_secs(10);

/// A part of the file.
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
    // Who may not send is told before anything is read.
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
    // It may have taken minutes to come in.
    if let Err(failure) = http.service.is_signed_in(&caller).await {
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

/// Which rows.
#[derive(Debug, Deserialize)]
pub struct Which {
    only: Option<String>,
}

/// The report.
pub async fn report(
    State(http): State<Http>,
    Extension(caller): Extension<Caller>,
    Path((slug, id)): Path<(String, String)>,
    Query(which): Query<Which>,
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
                    // After they were signed out or removed nothing more is sent: the file ends broken off.
                    match http.service.may_import_still(&caller, &slug, &id).await {
                        Ok(()) => Some((piece, Some(download))),
                        Err(failure) => Some((Err(std::io::Error::other(failure)), None)),
                    }
                }
            });
            // Compression asks once more after the end, which an unfolded stream does not bear.
            let pieces = pieces.fuse();
            saved(&file_name, Body::from_stream(pieces))
        }
        Err(failure) => refused(failure),
    }
}

/// A file to begin with.
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

/// The progress of what is under way, until nothing is any more.
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
    // Before it is looked at: no step is missed between the two.
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
            // After they were signed out or removed nothing more is sent.
            http.service.is_signed_in(&caller).await.ok()?;
            let view = http.service.watch_import(&caller, &slug, &id).await.ok()?;
            let next = view.is_under_way().then_some((watcher, under_way, true));
            let event = Event::default().json_data(&view).ok()?;
            Some((Ok::<_, Infallible>(event), next))
        }
    });
    Sse::new(events.fuse())
        .keep_alive(KeepAlive::default())
        .into_response()
}

fn saved(file_name: &str, body: Body) -> Response {
    // Whatever a file may be called, in a header it is plain.
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

fn refused(failure: Failure) -> Response {
    (status(&failure), axum::Json(failure)).into_response()
}
