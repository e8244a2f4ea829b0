//! The form that sets a password without the current one, for pages opened by an emailed link or a temporary password.

use std::future::Future;

use i18n::*;
use leptos::prelude::*;
use muster::draft::NewPasswordDraft;
use rpc::{Refusal, session::Go};

use super::AccountField;
use crate::{
    form::{Form, go},
    link::LinkField,
    setup::{Live, NewPasswordField},
    ui::{Banner, BannerKind, Button, ButtonKind, Field},
};

/// The texts and values that differ between pages.
#[derive(Clone)]
pub(super) struct NewPasswordWords {
    /// The value that the form sends for the emailed link of its page, or empty.
    pub(super) link: String,
    /// The reference of the signed-in account, on its own page.
    pub(super) account: Option<String>,
    pub(super) intent: &'static str,
    pub(super) title: &'static str,
    pub(super) text: &'static str,
    pub(super) submit: &'static str,
}

/// Renders the account and the field of the new password.
pub(super) fn new_password<Sending>(
    words: NewPasswordWords,
    form: Form<NewPasswordDraft, Go>,
    username: String,
    send: impl Fn(NewPasswordDraft) -> Sending + 'static,
) -> impl IntoView
where
    Sending: Future<Output = Result<Go, Refusal>> + Send + 'static,
{
    let locale = use_locale();
    let say = use_say();
    let came_back = form.failure.with_untracked(Option::is_some);
    let password = RwSignal::new(String::new());
    let shown = RwSignal::new(username.clone());
    let draft = move || NewPasswordDraft {
        password: password.get(),
    };
    let whose = username.clone();
    let live = Live::new(&form, say, move || {
        draft().parse_for(&[&whose]).err().unwrap_or_default()
    });
    let (general, pending) = (form.general(say), form.pending);
    let submit = move |event: leptos::ev::SubmitEvent| {
        if live.may_send() {
            form.submit(&event, send(untrack(draft)), |next| go(&next.to));
        } else {
            event.prevent_default();
        }
    };
    view! {
        <h1>{words.title}</h1>
        <p class="lead">{words.text}</p>
        {move || general.get().map(|words| view! { <Banner kind=BannerKind::Bad>{words}</Banner> })}
        <form method="post" novalidate on:submit=submit>
            <input type="hidden" name="intent" value=words.intent/>
            <LinkField link=words.link.clone()/>
            {words.account.map(|account| view! { <AccountField account/> })}
            // Password managers store the new password under this name.
            <Field
                name="username"
                label=move || td_string!(locale, common.username)
                value=shown
                mono=true
                readonly=true
                autocomplete="username"
            />
            <NewPasswordField
                value=password
                label=move || td_string!(locale, session.new_password)
                error=live.error("password", password)
                hints=vec![username]
                sending=pending
                came_back=came_back
                link=words.link
                on:focusout=live.leaving("password")
            />
            <Button kind=ButtonKind::Primary big=true submit=true pending=pending>
                {words.submit}
            </Button>
        </form>
    }
}
