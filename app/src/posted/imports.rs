//! The forms of an import's page.

use muster::{draft::SendTimeDraft, failure::Failure};

use super::{Nothing, Posted, form, staying};
use crate::imports::api;

/// Processes a form of an import's page.
pub(super) async fn post(
    slug: &str,
    id: &str,
    intent: &str,
    body: &str,
) -> Result<Posted, Failure> {
    match intent {
        "plan_import" => {
            form(intent, body, staying, async |_: Nothing| {
                api::plan_import(slug.to_owned(), id.to_owned()).await
            })
            .await
        }
        "apply_import" => {
            form(intent, body, staying, async |_: Nothing| {
                api::apply_import(slug.to_owned(), id.to_owned()).await
            })
            .await
        }
        "stop_import" => {
            form(intent, body, staying, async |_: Nothing| {
                api::stop_import(slug.to_owned(), id.to_owned()).await
            })
            .await
        }
        "resume_import" => {
            form(intent, body, staying, async |_: Nothing| {
                api::resume_import(slug.to_owned(), id.to_owned()).await
            })
            .await
        }
        "undo_import" => {
            form(intent, body, staying, async |_: Nothing| {
                api::undo_import(slug.to_owned(), id.to_owned()).await
            })
            .await
        }
        "discard_import" => {
            form(intent, body, staying, async |_: Nothing| {
                api::discard_import(slug.to_owned(), id.to_owned()).await
            })
            .await
        }
        "leave_out_refused" => {
            form(intent, body, staying, async |_: Nothing| {
                api::leave_out_refused(slug.to_owned(), id.to_owned()).await
            })
            .await
        }
        "send_import" => {
            form(intent, body, staying, async |_: Nothing| {
                api::send_import(slug.to_owned(), id.to_owned()).await
            })
            .await
        }
        "schedule_import" => {
            form(intent, body, staying, async |draft: SendTimeDraft| {
                api::schedule_import(slug.to_owned(), id.to_owned(), draft).await
            })
            .await
        }
        "unschedule_import" => {
            form(intent, body, staying, async |_: Nothing| {
                api::unschedule_import(slug.to_owned(), id.to_owned()).await
            })
            .await
        }
        _ => Err(Failure::NotFound),
    }
}
