//! The actions on an invitation: resend (also to a corrected address), copy a link, revoke.

use i18n::*;
use leptos::{ev::SubmitEvent, prelude::*};
use muster::{account_state::AccountState, draft::ResendDraft};
use rpc::{
    invitations::{CopiedLink, Resent},
    users::{MailState, UserView},
};

use super::{
    actions::{Actions, Whom},
    copied_link::CopiedLinkBox,
    outcomes::sent_words,
    revoke::{REVOKE, RevokeDialog},
    state::in_full,
};
use crate::{
    form::Form,
    setup::Live,
    ui::{ActionCard, AskFirst, Button, ButtonKind, Field, Icon, IconName, use_toasts},
};

/// The id of the resend form: its button is next to the others, its field below them.
const RESEND: &str = "resend-form";

#[component]
pub(super) fn InvitationCard(
    user: UserView,
    whom: Whom,
    actions: Actions,
    changed: Callback<()>,
) -> impl IntoView {
    let locale = use_locale();
    let refused = user.row.state.mail == MailState::Refused;
    let why = (!user.may_invite).then(|| td_string!(locale, users.may_not_invite).to_owned());
    let possible = why.is_none();
    let text = why.clone().unwrap_or_else(|| about(locale, &user, &whom));
    let unsent = user.row.state.state == AccountState::NotNotified;
    let why_not_copied = why
        .clone()
        .or_else(|| unsent.then(|| td_string!(locale, users.copy_not_sent).to_owned()));
    let (resending, copied) = (actions.resend.pending, actions.copy.answer);
    let name = whom.name.clone();
    let title = if user.login_details {
        td_string!(locale, users.login_details)
    } else {
        td_string!(locale, users.invitation)
    };
    let (asked_whom, asking) = (whom.clone(), actions.clone());
    view! {
        <ActionCard title=title text=text>
            <Button
                submit=true
                form=RESEND
                kind=ButtonKind::Primary
                icon=IconName::Send
                pending=resending
                disabled=!possible
                why=why.clone()
            >
                {if unsent {
                    td_string!(locale, users.send_now)
                } else {
                    td_string!(locale, users.resend)
                }}
            </Button>
            <CopyForm whom=whom.clone() actions=actions.clone() changed why=why_not_copied/>
            <AskFirst dialog=REVOKE icon=IconName::Ban why>
                {td!(locale, users.revoke)}
            </AskFirst>
            {possible.then(|| view! { <ResendForm whom=whom.clone() actions=actions.clone() changed refused/> })}
        </ActionCard>
        {move || copied.get().map(|link| view! { <CopiedLinkBox url=link.url name=name.clone()/> })}
        {possible.then(|| view! { <RevokeDialog whom=asked_whom actions=asking/> })}
    }
}

/// Returns the invitation's status and what resending does.
fn about(locale: Locale, user: &UserView, whom: &Whom) -> String {
    let state = &user.row.state;
    let until = state.until.as_ref().map(in_full);
    let stands = match (until, state.state) {
        (_, AccountState::NotNotified) => waits(locale, user),
        (Some(until), AccountState::InviteExpired) => {
            td_string!(locale, users.expired_since, until = until)
        }
        (Some(until), _) => td_string!(locale, users.open_until, until = until),
        (None, _) => td_string!(locale, users.open).to_owned(),
    };
    if state.mail == MailState::Refused {
        let email = user.row.email.clone();
        td_string!(locale, users.mail_refused_text, email = email)
    } else if state.asked_again {
        let asked = td_string!(locale, users.asked_again_text, name = whom.name.clone());
        format!("{asked} {stands}")
    } else {
        stands
    }
}

/// Returns the text for an invitation that is waiting to be sent.
fn waits(locale: Locale, user: &UserView) -> String {
    let at = user.row.state.sends_at.as_ref().map(in_full);
    match (user.login_details, at) {
        (false, None) => td_string!(locale, users.waiting_by_hand).to_owned(),
        (false, Some(until)) => td_string!(locale, users.waiting_until, until = until),
        (true, None) => td_string!(locale, users.waiting_by_hand_details).to_owned(),
        (true, Some(until)) => td_string!(locale, users.waiting_until_details, until = until),
    }
}

#[component]
fn CopyForm(
    whom: Whom,
    actions: Actions,
    changed: Callback<()>,
    #[prop(optional_no_strip)] why: Option<String>,
) -> impl IntoView {
    let locale = use_locale();
    let copy: Form<(), CopiedLink> = actions.copy.clone();
    let (pending, possible) = (copy.pending, why.is_none());
    let send = move |event: SubmitEvent| {
        actions.begin();
        copy.submit(
            &event,
            rpc::invitations::copy_link(whom.slug.clone(), whom.id.clone()),
            move |_| changed.run(()),
        );
    };
    view! {
        <form method="post" on:submit=send>
            <input type="hidden" name="intent" value="copy_link"/>
            <Button submit=true icon=IconName::Link pending=pending disabled=!possible why=why>
                {td!(locale, users.copy_link)}
            </Button>
        </form>
    }
}

/// Resends. If the address is corrected first, the invitation moves to the new address.
#[component]
fn ResendForm(
    whom: Whom,
    actions: Actions,
    changed: Callback<()>,
    /// Whether the mail server rejected the address: correcting it is then the next step.
    refused: bool,
) -> impl IntoView {
    let locale = use_locale();
    let toasts = use_toasts();
    let form = actions.resend.clone();
    let (address, pending) = (actions.address, form.pending);
    let live = Live::new(&form, use_say(), move || {
        let email = address.get();
        ResendDraft { email }.parse().err().unwrap_or_default()
    });
    let open = refused || !address.with_untracked(String::is_empty);
    let send = move |event: SubmitEvent| {
        if !live.may_send() {
            event.prevent_default();
            return;
        }
        actions.begin();
        let (answer, email) = (form.answer, address.get_untracked());
        let draft = ResendDraft {
            email: email.clone(),
        };
        form.submit(
            &event,
            rpc::invitations::resend(whom.slug.clone(), whom.id.clone(), draft),
            move |resent| {
                if let Resent::Sent(until) = resent {
                    // A toast shows it; the banner is for pages without scripts.
                    answer.set(None);
                    address.set(String::new());
                    toasts.ok(sent_words(locale, &email, &in_full(&until)));
                    changed.run(());
                }
            },
        );
    };
    view! {
        <form id=RESEND class="correct" method="post" novalidate on:submit=send>
            <input type="hidden" name="intent" value="resend"/>
            <details open=open>
                <summary>
                    <Icon name=IconName::ChevronRight/>
                    {td!(locale, users.correct_address)}
                </summary>
                <Field
                    name="email"
                    kind="email"
                    label=move || td_string!(locale, users.corrected_email)
                    hint=move || td_string!(locale, users.corrected_hint)
                    value=address
                    error=live.error("email", address)
                    autocomplete="off"
                    inputmode="email"
                    on:focusout=live.leaving("email")
                />
                <Button submit=true icon=IconName::Send pending=pending>
                    {td!(locale, users.send_corrected)}
                </Button>
            </details>
        </form>
    }
}
