//! What an administrator can do with a person: send again, copy a link, revoke, unlock. What can't be
//! done says which rule stops it. Each is a form of its own, so it works without script too.

use leptos::{ev::SubmitEvent, prelude::*};
use muster::{account_state::AccountState, draft::ResendDraft};

use super::{
    api::{self, UserView},
    copied_link::CopiedLinkBox,
    revoke::{REVOKE, RevokeDialog},
    state::in_full,
};
use crate::{
    form::Form,
    i18n::*,
    invitations::api::{self as invitations_api, CopiedLink, Resent},
    language::use_locale,
    shell::use_shell,
    ui::{ActionCard, Banner, BannerKind, Button, ButtonKind, DialogOpener, IconName, use_toasts},
    words::use_say,
};

/// The forms of a user's page.
#[derive(Clone)]
pub struct Actions {
    resend: Form<(), Resent>,
    /// Answered once the invitation is gone, and the page with it.
    pub revoke: Form<(), ()>,
    copy: Form<(), CopiedLink>,
    unlock: Form<(), ()>,
}

impl Actions {
    /// Always all of them in this order: what was posted travels by it.
    pub fn new() -> Self {
        Self {
            resend: Form::new("resend", ()),
            revoke: Form::new("revoke", ()),
            copy: Form::new("copy_link", ()),
            unlock: Form::new("unlock_user", ()),
        }
    }
}

/// What is needed to act on a person.
#[derive(Clone)]
pub(super) struct Whom {
    pub slug: String,
    pub id: String,
    pub name: String,
}

/// What came of the last action, where it isn't said by a toast.
#[component]
pub fn Outcomes(actions: Actions, name: String) -> impl IntoView {
    let locale = use_locale();
    let say = use_say();
    let (resent, unlocked) = (actions.resend.answer, actions.unlock.answer);
    let failures = [
        actions.resend.general(say),
        actions.revoke.general(say),
        actions.copy.general(say),
        actions.unlock.general(say),
    ];
    view! {
        {move || {
            resent.get().map(|resent| match resent {
                Resent::Sent(until) => view! {
                    <Banner kind=BannerKind::Ok>{td_string!(locale, users.resent, until = in_full(&until))}</Banner>
                },
                Resent::TooSoon { seconds } => view! {
                    <Banner kind=BannerKind::Wait>
                        {td_string!(locale, users.too_soon, wait = say.of_wait(seconds))}
                    </Banner>
                },
            })
        }}
        {move || {
            unlocked.get().map(|()| {
                let words = td_string!(locale, users.unlocked, name = name.clone());
                view! { <Banner kind=BannerKind::Ok>{words}</Banner> }
            })
        }}
        {failures
            .into_iter()
            .map(|failure| move || failure.get().map(|words| view! { <Banner kind=BannerKind::Bad>{words}</Banner> }))
            .collect_view()}
    }
}

/// The cards of actions: the invitation's, and where there is an account, the account's.
#[component]
pub fn ActionCards(
    user: UserView,
    name: String,
    actions: Actions,
    changed: Callback<()>,
) -> impl IntoView {
    let whom = Whom {
        slug: use_shell().slug(),
        id: user.row.id.clone(),
        name,
    };
    let has_account = matches!(
        user.row.state.state,
        AccountState::Active | AccountState::Locked | AccountState::Deactivated
    );
    let account = has_account.then(|| view! { <AccountCard user=user.clone() whom=whom.clone() form=actions.unlock.clone() changed/> });
    let invitation = view! { <InvitationCard user=user.clone() whom actions changed/> };
    // What can be done comes first.
    if user.row.state.state == AccountState::Locked {
        view! { {account} {invitation} }.into_any()
    } else {
        view! { {invitation} {account} }.into_any()
    }
}

#[component]
fn InvitationCard(
    user: UserView,
    whom: Whom,
    actions: Actions,
    changed: Callback<()>,
) -> impl IntoView {
    let locale = use_locale();
    let toasts = use_toasts();
    let state = &user.row.state;
    let why = if !user.open_invitation {
        Some(td_string!(
            locale,
            users.accepted_already,
            name = whom.name.clone()
        ))
    } else if user.may_invite {
        None
    } else {
        Some(td_string!(locale, users.may_not_invite).to_owned())
    };
    let possible = why.is_none();
    let until = state.until.as_ref().map(in_full);
    let text = match (&why, until, state.state) {
        (Some(why), ..) => why.clone(),
        (None, Some(until), AccountState::InviteExpired) => {
            td_string!(locale, users.expired_since, until = until)
        }
        (None, Some(until), _) => td_string!(locale, users.open_until, until = until),
        (None, None, _) => td_string!(locale, users.open).to_owned(),
    };
    let text = if state.asked_again {
        let asked = td_string!(locale, users.asked_again_text, name = whom.name.clone());
        format!("{asked} {text}")
    } else {
        text
    };
    let Actions {
        resend,
        copy,
        revoke,
        ..
    } = actions;
    let (resending, copying, copied) = (resend.pending, copy.pending, copy.answer);
    let send = {
        let whom = whom.clone();
        move |event: SubmitEvent| {
            let answer = resend.answer;
            resend.submit(
                &event,
                invitations_api::resend(whom.slug.clone(), whom.id.clone(), ResendDraft::default()),
                move |resent| {
                    if let Resent::Sent(until) = resent {
                        // The toast says it; the banner is for pages without script.
                        answer.set(None);
                        toasts.ok(td_string!(locale, users.resent, until = in_full(&until)));
                    }
                    changed.run(());
                },
            );
        }
    };
    let make_link = {
        let whom = whom.clone();
        move |event: SubmitEvent| {
            copy.submit(
                &event,
                invitations_api::copy_link(whom.slug.clone(), whom.id.clone()),
                move |_| changed.run(()),
            );
        }
    };
    let name = whom.name.clone();
    view! {
        <ActionCard title=move || td_string!(locale, users.invitation) text=text>
            <form method="post" on:submit=send>
                <input type="hidden" name="intent" value="resend"/>
                <Button
                    submit=true
                    kind=ButtonKind::Primary
                    icon=IconName::Send
                    pending=resending
                    disabled=!possible
                    why=why.clone()
                >
                    {td!(locale, users.resend)}
                </Button>
            </form>
            <form method="post" on:submit=make_link>
                <input type="hidden" name="intent" value="copy_link"/>
                <Button submit=true icon=IconName::Link pending=copying disabled=!possible why=why.clone()>
                    {td!(locale, users.copy_link)}
                </Button>
            </form>
            {if possible {
                view! {
                    <DialogOpener dialog=REVOKE kind=ButtonKind::Danger icon=IconName::Ban>
                        {td!(locale, users.revoke)}
                    </DialogOpener>
                }
                .into_any()
            } else {
                view! {
                    <Button kind=ButtonKind::Danger icon=IconName::Ban disabled=true why=why>
                        {td!(locale, users.revoke)}
                    </Button>
                }
                .into_any()
            }}
        </ActionCard>
        {move || copied.get().map(|link| view! { <CopiedLinkBox url=link.url name=name.clone()/> })}
        {possible.then(|| view! { <RevokeDialog whom form=revoke/> })}
    }
}

#[component]
fn AccountCard(
    user: UserView,
    whom: Whom,
    form: Form<(), ()>,
    changed: Callback<()>,
) -> impl IntoView {
    let locale = use_locale();
    let toasts = use_toasts();
    let locked = user.row.state.state == AccountState::Locked;
    let (text, why) = match (locked, user.may_unlock) {
        (true, true) => (
            td_string!(locale, users.locked_text, name = whom.name.clone()),
            None,
        ),
        (true, false) => (
            td_string!(locale, users.locked_forbidden, name = whom.name.clone()),
            Some(td_string!(locale, users.may_not_unlock).to_owned()),
        ),
        (false, _) => {
            let why = td_string!(locale, users.not_locked).to_owned();
            (why.clone(), Some(why))
        }
    };
    let possible = why.is_none();
    let pending = form.pending;
    let send = move |event: SubmitEvent| {
        let (answer, name) = (form.answer, whom.name.clone());
        form.submit(
            &event,
            api::unlock_user(whom.slug.clone(), whom.id.clone()),
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
