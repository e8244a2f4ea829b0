//! Forms that browsers post without scripts. Each calls the same server function as the hydrated page, and then
//! redirects or renders the page again with the input. To add one: a [`FormRoute`] in `forms` of its feature.

use std::{future::Future, pin::Pin};

use muster::failure::Failure;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::{
    PostedForm, Refusal, accept, imports, invitations, path_pattern, profile, session, setup, users,
};

/// The forms of all features.
const FORMS: [&[FormRoute]; 7] = [
    accept::forms::FORMS,
    imports::forms::FORMS,
    invitations::forms::FORMS,
    profile::forms::FORMS,
    session::forms::FORMS,
    setup::forms::FORMS,
    users::forms::FORMS,
];

/// Returns the forms of all features.
pub fn routes() -> impl Iterator<Item = &'static FormRoute> {
    FORMS.into_iter().flatten()
}

/// A form of a page.
#[derive(Debug)]
pub struct FormRoute {
    /// The pattern of the page's path.
    pub path: &'static str,
    /// The name of the form within the page; `None` accepts any.
    pub intent: Option<&'static str>,
    handler: fn(FormPost) -> FormResponse,
}

impl FormRoute {
    /// Creates the route of the form `intent`.
    pub(crate) const fn new(
        path: &'static str,
        intent: &'static str,
        handler: fn(FormPost) -> FormResponse,
    ) -> Self {
        Self {
            path,
            intent: Some(intent),
            handler,
        }
    }

    /// Creates the route of a path with a single form, whose name does not matter.
    pub(crate) const fn single(path: &'static str, handler: fn(FormPost) -> FormResponse) -> Self {
        Self {
            path,
            intent: None,
            handler,
        }
    }
}

/// The response to a posted form, when its server function has run.
pub(crate) type FormResponse = Pin<Box<dyn Future<Output = Result<FormOutcome, Failure>> + Send>>;

/// The response to a posted form.
#[derive(Debug)]
pub enum FormOutcome {
    /// A redirect to a path of this site.
    Redirect(String),
    /// The same page with the form's result.
    Rerender(PostedForm),
}

/// A posted form.
pub(crate) struct FormPost {
    /// The first parameter of the path, the institution's slug; empty if there is none.
    pub slug: String,
    /// The second parameter of the path; empty if there is none.
    pub id: String,
    /// The reference to the emailed link of the page, or empty.
    pub link: String,
    /// The reference to the account that the page showed, or empty.
    pub account: String,
    intent: String,
    body: String,
}

/// A form with no field except its intent.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct NoFields {}

/// The fields that accompany a form's draft.
#[derive(Default, Deserialize)]
#[serde(default)]
struct FormFields {
    intent: String,
    link: String,
    account: String,
}

/// Processes the form that was posted to `path`.
///
/// # Errors
/// Returns `NotFound` if the page has no such form, `BadRequest` if the body does not fit the form.
pub async fn handle(path: &str, body: String) -> Result<FormOutcome, Failure> {
    let FormFields {
        intent,
        link,
        account,
    } = decode(&body)?;
    let (route, parameters) = routes()
        .filter(|route| route.intent.is_none_or(|expected| expected == intent))
        .find_map(|route| Some((route, path_pattern::parameters(route.path, path)?)))
        .ok_or(Failure::NotFound)?;
    let mut parameters = parameters.into_iter().map(str::to_owned);
    let post = FormPost {
        slug: parameters.next().unwrap_or_default(),
        id: parameters.next().unwrap_or_default(),
        link,
        account,
        intent,
        body,
    };
    (route.handler)(post).await
}

impl FormPost {
    /// Returns the parameters of the path: the institution's slug and the id.
    pub fn slug_and_id(&self) -> (String, String) {
        (self.slug.clone(), self.id.clone())
    }

    /// Decodes the form's fields.
    pub fn decode<D: DeserializeOwned>(&self) -> Result<D, Failure> {
        decode(&self.body)
    }

    /// Calls a server function with the form's draft. Redirects to the path that `next` returns, or renders the page
    /// again.
    pub fn submit<D, T, F>(
        self,
        next: impl Fn(&T) -> Option<String> + Send + 'static,
        call: impl FnOnce(D) -> F + Send + 'static,
    ) -> FormResponse
    where
        D: DeserializeOwned + Serialize + Send + 'static,
        T: Serialize + Send + 'static,
        F: Future<Output = Result<T, Refusal>> + Send + 'static,
    {
        Box::pin(async move {
            let draft: D = self.decode()?;
            let typed = encode(&WithoutPasswords(&draft))?;
            let answer = match call(draft).await {
                Ok(value) => match next(&value) {
                    Some(to) => return Ok(FormOutcome::Redirect(to)),
                    None => Ok(encode(&value)?),
                },
                Err(Refusal(failure)) => Err(failure),
            };
            Ok(FormOutcome::Rerender(PostedForm {
                intent: self.intent,
                link: self.link,
                draft: typed,
                answer,
            }))
        })
    }

    /// Calls a server function with the form's draft, and renders the page again.
    pub fn stay<D, T, F>(self, call: impl FnOnce(D) -> F + Send + 'static) -> FormResponse
    where
        D: DeserializeOwned + Serialize + Send + 'static,
        T: Serialize + Send + 'static,
        F: Future<Output = Result<T, Refusal>> + Send + 'static,
    {
        self.submit(|_| None, call)
    }

    /// Calls a server function with the form's draft, and redirects to where it says.
    pub fn go<D, F>(self, call: impl FnOnce(D) -> F + Send + 'static) -> FormResponse
    where
        D: DeserializeOwned + Serialize + Send + 'static,
        F: Future<Output = Result<session::Go, Refusal>> + Send + 'static,
    {
        self.submit(|go: &session::Go| Some(go.to.clone()), call)
    }

    /// Renders the page again with another draft of the form `intent`, without calling the server.
    pub fn rerender(self, intent: &str, draft: &impl Serialize) -> Result<FormOutcome, Failure> {
        Ok(FormOutcome::Rerender(PostedForm {
            intent: intent.to_owned(),
            link: self.link,
            draft: encode(draft)?,
            answer: Ok(String::new()),
        }))
    }
}

/// A draft to render again, without its passwords.
struct WithoutPasswords<'a, D>(&'a D);

impl<D: Serialize> Serialize for WithoutPasswords<'_, D> {
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
    const MAX_DEPTH: usize = 4;
    serde_qs::Config::new(MAX_DEPTH, false)
        .deserialize_str(body)
        .map_err(|_| Failure::BadRequest)
}

fn encode<T: Serialize>(value: &T) -> Result<String, Failure> {
    serde_json::to_string(value).map_err(|_| Failure::BadRequest)
}

#[cfg(test)]
mod tests;
