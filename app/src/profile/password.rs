//! The password change, which ends all other sessions.

use i18n::*;
use leptos::prelude::*;
use muster::draft::ChangePasswordDraft;
use rpc::profile::{ProfileView, change_password};

use crate::{
    form::Form,
    server_resource::ServerResource,
    session::{AccountField, for_account},
    setup::{Live, NewPasswordField},
    ui::{Banner, BannerKind, Button, PasswordField},
};

/// The current and the new password.
#[component]
pub(super) fn PasswordForm(
    username: String,
    email: String,
    /// The account's reference.
    account: String,
    asked: ServerResource<ProfileView>,
    form: Form<ChangePasswordDraft, ()>,
) -> impl IntoView {
    let locale = use_locale();
    let say = use_say();
    let came_back = form.failure.with_untracked(Option::is_some);
    let current = RwSignal::new(String::new());
    let password = RwSignal::new(String::new());
    let draft = move || ChangePasswordDraft {
        current: current.get(),
        password: password.get(),
    };
    let hints = vec![username.clone(), email.clone()];
    let whose = username.clone();
    let live = Live::new(&form, say, move || {
        draft()
            .parse_for(&[&whose, &email])
            .err()
            .unwrap_or_default()
    });
    let current_problem = live.error("current", current);
    let current_error = move || {
        current_problem.get().or_else(|| {
            (came_back && current.with(String::is_empty))
                .then(|| td_string!(locale, setup.password_again).to_owned())
        })
    };
    let (answer, general, pending) = (form.answer, form.general(say), form.pending);
    let reference = account.clone();
    let send = move |event: leptos::ev::SubmitEvent| {
        if live.may_send() {
            let sent = change_password(reference.clone(), untrack(draft));
            form.submit(&event, for_account(asked, sent), move |()| {
                live.forget();
                current.set(String::new());
                password.set(String::new());
            });
        } else {
            event.prevent_default();
        }
    };
    view! {
        // A live region must exist before its text is added.
        <div role="status">
            {move || answer.with(Option::is_some).then(|| view! {
                <Banner kind=BannerKind::Ok>{td!(locale, profile.password_changed)}</Banner>
            })}
        </div>
        {move || general.get().map(|words| view! { <Banner kind=BannerKind::Bad>{words}</Banner> })}
        <form method="post" novalidate on:submit=send>
            <input type="hidden" name="intent" value="change_password"/>
            <AccountField account/>
            // Password managers store the new password under this name.
            <input type="text" name="username" autocomplete="username" value=username hidden/>
            <PasswordField
                name="current"
                label=move || td_string!(locale, profile.password_current)
                value=current
                error=current_error
                show_word=move || td_string!(locale, common.show)
                hide_word=move || td_string!(locale, common.hide)
                required=true
                on:focusout=live.leaving("current")
            />
            <NewPasswordField
                value=password
                label=move || td_string!(locale, profile.password_new)
                error=live.error("password", password)
                hints=hints
                sending=pending
                came_back=came_back
                on:focusout=live.leaving("password")
            />
            <Button submit=true pending=pending>{td!(locale, profile.password_submit)}</Button>
        </form>
    }
}
