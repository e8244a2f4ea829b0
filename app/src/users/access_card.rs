//! The actions on a member: deactivate, reactivate, remove, and unlock the account.

use i18n::*;
use leptos::{ev::SubmitEvent, prelude::*, task::spawn_local};
use muster::account_state::AccountState;
use rpc::{Refusal, users::UserView};

use super::{
    actions::{Actions, Whom},
    remove::{REMOVE, RemoveDialog},
};
use crate::{
    shell::{ShellContext, use_shell},
    ui::{ActionCard, AskFirst, Button, IconName, Toast, ToastKind, Toasts, use_toasts},
};

/// The buttons Deactivate or Reactivate, and Remove.
#[component]
pub(super) fn AccessCard(
    user: UserView,
    whom: Whom,
    actions: Actions,
    changed: Callback<()>,
) -> impl IntoView {
    let locale = use_locale();
    let say = use_say();
    let kept_out = user.row.state.state == AccountState::Deactivated;
    let why = user.ending_refused.as_ref().map(|why| say.of_failure(why));
    let possible = why.is_none();
    let about = if kept_out {
        td_string!(locale, users.access_deactivated, name = whom.name.clone())
    } else {
        td_string!(locale, users.access_text, name = whom.name.clone())
    };
    let text = why.clone().unwrap_or(about);
    let (asked_whom, asking) = (whom.clone(), actions.clone());
    view! {
        <ActionCard title=move || td_string!(locale, users.access) text=text>
            <KeepOutForm kept_out whom=whom.clone() actions=actions.clone() changed why=why.clone()/>
            <AskFirst dialog=REMOVE icon=IconName::Trash2 why>
                {td!(locale, users.remove)}
            </AskFirst>
        </ActionCard>
        {possible.then(|| view! { <RemoveDialog whom=asked_whom actions=asking/> })}
    }
}

/// The button Deactivate or Reactivate; each undoes the other.
#[component]
fn KeepOutForm(
    /// Whether the member is deactivated.
    kept_out: bool,
    whom: Whom,
    actions: Actions,
    changed: Callback<()>,
    #[prop(optional_no_strip)] why: Option<String>,
) -> impl IntoView {
    let locale = use_locale();
    let (toasts, say, shell) = (use_toasts(), use_say(), use_shell());
    let (form, intent) = if kept_out {
        (actions.reactivate.clone(), "reactivate_user")
    } else {
        (actions.deactivate.clone(), "deactivate_user")
    };
    let (pending, possible) = (form.pending, why.is_none());
    let send = move |event: SubmitEvent| {
        actions.begin();
        let (answer, target) = (form.answer, whom.clone());
        let sent = keep_out(!kept_out, whom.clone());
        form.submit(&event, sent, move |()| {
            answer.set(None);
            changed.run(());
            done(toasts, (locale, say, shell), !kept_out, &target, changed);
        });
    };
    let (icon, word) = if kept_out {
        (IconName::UserCheck, td_string!(locale, users.reactivate))
    } else {
        (IconName::CirclePause, td_string!(locale, users.deactivate))
    };
    view! {
        <form method="post" on:submit=send>
            <input type="hidden" name="intent" value=intent/>
            <Button submit=true icon=icon pending=pending disabled=!possible why=why>{word}</Button>
        </form>
    }
}

/// Deactivates or reactivates the member.
async fn keep_out(out: bool, whom: Whom) -> Result<(), Refusal> {
    if out {
        rpc::users::deactivate_user(whom.slug, whom.id).await
    } else {
        rpc::users::reactivate_user(whom.slug, whom.id).await
    }
}

/// Shows a toast with Undo. The toast may outlive the page, so its action does not use the page.
fn done(
    toasts: Toasts,
    (locale, say, shell): (Locale, Say, ShellContext),
    out: bool,
    whom: &Whom,
    changed: Callback<()>,
) {
    let whom = whom.clone();
    let undo = Callback::new({
        let whom = whom.clone();
        move |()| {
            let whom = whom.clone();
            spawn_local(async move {
                match keep_out(!out, whom.clone()).await {
                    Ok(()) => toasts.ok(kept_out_words(locale, !out, whom.name)),
                    Err(Refusal(failure)) => toasts.bad(say.of_failure(&failure)),
                }
                changed.try_run(());
                shell.tell_undone();
            });
        }
    });
    let words = kept_out_words(locale, out, whom.name);
    toasts.show(Toast::new(ToastKind::Ok, words).action(td_string!(locale, users.undo), undo));
}

fn kept_out_words(locale: Locale, out: bool, name: String) -> String {
    if out {
        td_string!(locale, users.deactivated, name = name)
    } else {
        td_string!(locale, users.reactivated, name = name)
    }
}

/// Unlocks the account after failed sign-ins.
#[component]
pub(super) fn AccountCard(
    user: UserView,
    whom: Whom,
    actions: Actions,
    changed: Callback<()>,
) -> impl IntoView {
    let locale = use_locale();
    let toasts = use_toasts();
    let name = whom.name.clone();
    let (text, why) = if user.may_unlock {
        (td_string!(locale, users.locked_text, name = name), None)
    } else {
        (
            td_string!(locale, users.locked_forbidden, name = name),
            Some(td_string!(locale, users.may_not_unlock).to_owned()),
        )
    };
    let possible = why.is_none();
    let form = actions.unlock.clone();
    let pending = form.pending;
    let send = move |event: SubmitEvent| {
        actions.begin();
        let (answer, name) = (form.answer, whom.name.clone());
        form.submit(
            &event,
            rpc::users::unlock_user(whom.slug.clone(), whom.id.clone()),
            move |()| {
                answer.set(None);
                toasts.ok(td_string!(locale, users.unlocked, name = name.clone()));
                changed.run(());
            },
        );
    };
    view! {
        <ActionCard title=move || td_string!(locale, users.account) text=text>
            <form method="post" on:submit=send>
                <input type="hidden" name="intent" value="unlock_user"/>
                <Button submit=true icon=IconName::LockOpen pending=pending disabled=!possible why=why>
                    {td!(locale, users.unlock)}
                </Button>
            </form>
        </ActionCard>
    }
}
