//! The line below a row with its outcome and the possible next step.

use i18n::*;
use leptos::{ev::MouseEvent, prelude::*, task::spawn_local};
use muster::draft::ResendDraft;
use rpc::{
    Refusal,
    invitations::{Resent, RowOutcome, resend},
};

use super::rows::{Row, Rows};
use crate::{
    shell::use_shell,
    ui::{Button, Icon, IconName, use_toasts},
    users::in_full,
};

#[component]
pub fn OutcomeLine(row: Row, rows: Rows) -> impl IntoView {
    let locale = use_locale();
    let outcome = RwSignal::from(row.outcome.clone());
    view! {
        <div class="row-outcome" role="status">
            {move || match outcome.get()? {
                RowOutcome::AlreadyMember(go) => Some(
                    view! {
                        <Icon name=IconName::UserCheck/>
                        <span>{td!(locale, invitations.already_member)}</span>
                        <a class="link" href=go.to>{td!(locale, invitations.open_page)}</a>
                    }
                    .into_any(),
                ),
                RowOutcome::AlreadyInvited { id, expired } => {
                    Some(view! { <AlreadyInvited row=row.clone() rows id expired/> }.into_any())
                }
                RowOutcome::SeatsFull => Some(
                    view! {
                        <span class="err">
                            <Icon name=IconName::CircleAlert/>
                            <span>{td!(locale, invitations.seats_full)}</span>
                        </span>
                    }
                    .into_any(),
                ),
                // Address problems are shown at the field; an invited person no longer has a row.
                RowOutcome::Invalid(_) | RowOutcome::Invited => None,
            }}
        </div>
    }
}

/// The address has an open invitation. It can be resent here; without scripts the user's page shows the result.
#[component]
fn AlreadyInvited(row: Row, rows: Rows, id: String, expired: bool) -> impl IntoView {
    let locale = use_locale();
    let say = use_say();
    let toasts = use_toasts();
    let shell = use_shell();
    let pending = RwSignal::new(false);
    let trouble = RwSignal::new(None::<String>);
    let page = shell.path(&format!("users/{id}"));
    let email = row.email.get_untracked();
    let called = email.clone();
    let again = Callback::new(move |event: MouseEvent| {
        event.prevent_default();
        pending.set(true);
        let (id, key, email) = (id.clone(), row.key, email.clone());
        spawn_local(async move {
            let answer = resend(shell.slug(), id, ResendDraft::default()).await;
            // The row may have been removed.
            if pending.try_set(false).is_some() {
                return;
            }
            match answer {
                Ok(Resent::Sent(until)) => {
                    toasts.ok(td_string!(
                        locale,
                        invitations.resent,
                        email = email,
                        until = in_full(&until)
                    ));
                    rows.finish(key, true);
                }
                Ok(Resent::TooSoon { seconds }) => {
                    trouble.set(Some(td_string!(
                        locale,
                        invitations.too_soon,
                        wait = say.of_wait(seconds)
                    )));
                }
                Err(Refusal(failure)) => trouble.set(Some(say.of_failure(&failure))),
            }
        });
    });
    view! {
        <Icon name=if expired { IconName::CalendarX } else { IconName::MailCheck }/>
        <span>
            {move || trouble.get().unwrap_or_else(|| {
                if expired {
                    td_string!(locale, invitations.already_expired).to_owned()
                } else {
                    td_string!(locale, invitations.already_invited).to_owned()
                }
            })}
        </span>
        <Button
            submit=true
            icon=IconName::Send
            name="intent"
            value="resend"
            formaction=page
            pending=pending
            on_click=again
            attr:aria-label=td_string!(locale, invitations.resend_to, email = called)
        >
            {td!(locale, invitations.resend)}
        </Button>
    }
}
