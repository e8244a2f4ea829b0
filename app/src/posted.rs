//! Forms that the browser posts. Each one calls the same server function as the hydrated page, and then redirects or
//! renders the page again with the input. To add one: its intent and its page here, in `people` or in `imports`.

mod imports;
mod people;

use std::future::Future;

use muster::{
    draft::{
        AcceptDraft, ChangePasswordDraft, ForgottenDraft, LanguageDraft, NewPasswordDraft,
        SetupDraft, SignInDraft, own_page,
    },
    failure::Failure,
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::{
    accept::api::{self as accept_api, Accepted},
    failure::Refusal,
    form::PostedForm,
    profile::api as profile_api,
    session::api::{self as session_api, Go},
    setup::api as setup_api,
};

/// The response to a posted form.
#[derive(Debug)]
pub enum Posted {
    /// A redirect to a path of this site.
    Go(String),
    /// The same page again.
    Again(PostedForm),
}

/// A form with no field except its intent.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Nothing {}

/// The fields that accompany a form's draft.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Intent {
    intent: String,
    /// The reference to the emailed link of the page.
    link: String,
    /// The reference to the account that the page showed.
    account: String,
}

/// A form that first can end the browser's session.
#[derive(Default, Deserialize)]
#[serde(default)]
struct SigningOut {
    sign_out: bool,
    /// The path to redirect to afterwards.
    to: String,
}

/// Processes the form that was posted to `path`.
///
/// # Errors
/// Returns `NotFound` if the page has no such form, `BadRequest` if the body does not fit the form.
pub async fn post(path: &str, body: &str) -> Result<Posted, Failure> {
    let fields: Intent = decode(body)?;
    let posted = run(path, &fields, body).await?;
    Ok(match posted {
        Posted::Again(form) => Posted::Again(PostedForm {
            link: fields.link,
            ..form
        }),
        go @ Posted::Go(_) => go,
    })
}

async fn run(path: &str, fields: &Intent, body: &str) -> Result<Posted, Failure> {
    let segments: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    let intent = fields.intent.as_str();
    let (link, account) = (fields.link.clone(), fields.account.clone());
    match (segments.as_slice(), intent) {
        (["setup"], "set_up") => {
            form(intent, body, going, async |draft: SetupDraft| {
                setup_api::set_up(link, draft).await
            })
            .await
        }
        (["sign-in"], "sign_in") => {
            form(intent, body, going, async |draft: SignInDraft| {
                session_api::sign_in(draft).await
            })
            .await
        }
        (["sign-out"], _) => {
            let SigningOut { to, .. } = decode(body)?;
            let on = |go: &Go| Some(own_page(&to).unwrap_or_else(|| go.to.clone()));
            form(intent, body, on, async |_: Nothing| {
                session_api::sign_out().await
            })
            .await
        }
        (["forgotten"], "ask_reset") => {
            form(intent, body, staying, async |draft: ForgottenDraft| {
                session_api::ask_reset(draft).await
            })
            .await
        }
        (["reset"], "reset_password") => {
            form(intent, body, going, async |draft: NewPasswordDraft| {
                session_api::reset_password(link, draft).await
            })
            .await
        }
        (["new-password"], "choose_password") => {
            form(intent, body, going, async |draft: NewPasswordDraft| {
                session_api::choose_password(account, draft).await
            })
            .await
        }
        (["unlock"], "unlock") => {
            form(intent, body, going, async |_: Nothing| {
                session_api::unlock(link).await
            })
            .await
        }
        (["confirm"], "confirm") => {
            form(intent, body, going, async |draft: NewPasswordDraft| {
                session_api::confirm(link, draft).await
            })
            .await
        }
        (["accept"], "accept") => {
            let SigningOut { sign_out, .. } = decode(body)?;
            form(intent, body, accepted, async |draft: AcceptDraft| {
                accept_api::accept(link, sign_out, draft).await
            })
            .await
        }
        (["accept"], "confirm") => {
            form(intent, body, going, async |_: Nothing| {
                accept_api::accept_confirm(link).await
            })
            .await
        }
        (["accept"], "decline") => {
            form(intent, body, staying, async |_: Nothing| {
                accept_api::decline(link).await
            })
            .await
        }
        (["accept"], "ask_again") => {
            form(intent, body, staying, async |_: Nothing| {
                accept_api::ask_again(link).await
            })
            .await
        }
        (["profile"], "choose_language") => {
            form(intent, body, going, async |draft: LanguageDraft| {
                profile_api::choose_language(account, draft).await
            })
            .await
        }
        (["profile"], "change_password") => {
            form(intent, body, staying, async |draft: ChangePasswordDraft| {
                profile_api::change_password(account, draft).await
            })
            .await
        }
        (["profile"], "confirm_address") => {
            form(intent, body, staying, async |_: Nothing| {
                profile_api::confirm_address(account).await
            })
            .await
        }
        (["i", slug, "imports", id], _) => imports::post(slug, id, intent, body).await,
        (["i", slug, rest @ ..], _) => people::post(slug, rest, intent, body).await,
        _ => Err(Failure::NotFound),
    }
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "one of the ways that `form` goes on by"
)]
fn going(go: &Go) -> Option<String> {
    Some(go.to.clone())
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "one of the ways that `form` goes on by"
)]
fn accepted(accepted: &Accepted) -> Option<String> {
    match accepted {
        Accepted::Joined(go) | Accepted::SignInFirst(go) => Some(go.to.clone()),
    }
}

fn staying<T>(_: &T) -> Option<String> {
    None
}

async fn form<D, T, F>(
    intent: &str,
    body: &str,
    next: impl Fn(&T) -> Option<String>,
    run: impl FnOnce(D) -> F,
) -> Result<Posted, Failure>
where
    D: DeserializeOwned + Serialize + Clone,
    T: Serialize,
    F: Future<Output = Result<T, Refusal>>,
{
    let draft: D = decode(body)?;
    let typed = encode(&Typed(&draft))?;
    let answer = match run(draft).await {
        Ok(value) => match next(&value) {
            Some(to) => return Ok(Posted::Go(to)),
            None => Ok(encode(&value)?),
        },
        Err(Refusal(failure)) => Err(failure),
    };
    Ok(Posted::Again(PostedForm {
        intent: intent.to_owned(),
        link: String::new(),
        draft: typed,
        answer,
    }))
}

/// A draft to render again, without its passwords.
struct Typed<'a, D>(&'a D);

impl<D: Serialize> Serialize for Typed<'_, D> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut value = serde_json::to_value(self.0).map_err(serde::ser::Error::custom)?;
        if let Some(fields) = value.as_object_mut() {
            for secret in ["password", "current"] {
                if let Some(field) = fields.get_mut(secret) {
                    *field = serde_json::Value::String(String::new());
                }
            }
        }
        value.serialize(serializer)
    }
}

/// Decodes form fields such as `a=1&rows[0][email]=…`. Duplicate keys are rejected.
fn decode<D: DeserializeOwned>(body: &str) -> Result<D, Failure> {
    /// Maximum nesting: `rows[0][email]` is two deep. Browsers encode the brackets.
    const DEEPEST: usize = 4;
    serde_qs::Config::new(DEEPEST, false)
        .deserialize_str(body)
        .map_err(|_| Failure::BadRequest)
}

fn encode<T: Serialize>(value: &T) -> Result<String, Failure> {
    serde_json::to_string(value).map_err(|_| Failure::BadRequest)
}

#[cfg(test)]
mod tests {
    use muster::draft::BulkDraft;

    use super::*;

    #[test]
    fn ticked_boxes_arrive_as_a_list_whatever_way_their_brackets_are_written() {
        for body in [
            "intent=bulk_users&ids%5B%5D=a&ids%5B%5D=b&action=remove",
            "intent=bulk_users&ids[]=a&ids[]=b&action=remove",
            "intent=bulk_users&action=remove&ids%5B0%5D=a&ids%5B1%5D=b",
        ] {
            let draft: BulkDraft = decode(body).unwrap();
            assert_eq!(
                (draft.action.as_str(), draft.ids),
                ("remove", vec!["a".to_owned(), "b".to_owned()])
            );
            let Intent { intent, .. } = decode(body).unwrap();
            assert_eq!(intent, "bulk_users");
        }
        let many: Vec<String> = (0..muster::draft::MAX_CHOSEN)
            .map(|n| format!("ids%5B%5D={n}"))
            .collect();
        let many = many.join("&");
        let draft: BulkDraft = decode(&format!("action=resend&{many}")).unwrap();
        assert_eq!(draft.ids.len(), muster::draft::MAX_CHOSEN);
        assert!(
            decode::<BulkDraft>("intent=bulk_users&action=resend")
                .unwrap()
                .ids
                .is_empty()
        );
    }
}
