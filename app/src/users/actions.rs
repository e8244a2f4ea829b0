//! What an administrator can do with a person. What can't be done says which rule stops it. Each is a
//! form of its own, so it works without script too. The cards themselves are `invitation_card` and
//! `access_card`.

use leptos::prelude::*;
use muster::{account_state::AccountState, draft::ResendDraft, failure::Failure};

use super::{
    access_card::{AccessCard, AccountCard},
    api::UserView,
    invitation_card::InvitationCard,
};
use crate::{
    form::Form,
    invitations::api::{CopiedLink, Resent},
    shell::use_shell,
};

/// The forms of a user's page.
#[derive(Clone)]
pub struct Actions {
    pub(super) resend: Form<ResendDraft, Resent>,
    /// The corrected address, as typed: it stays when the page loads its data anew.
    pub(super) address: RwSignal<String>,
    /// Answered once the invitation is gone, and the page with it.
    pub revoke: Form<(), ()>,
    pub(super) copy: Form<(), CopiedLink>,
    pub(super) unlock: Form<(), ()>,
    pub(super) deactivate: Form<(), ()>,
    pub(super) reactivate: Form<(), ()>,
    /// Answered once the membership is gone, and the page with it.
    pub remove: Form<(), ()>,
}

impl Actions {
    /// Always all of them in this order: what was posted travels by it.
    pub fn new() -> Self {
        let resend = Form::new("resend", ResendDraft::default());
        let sent = resend
            .answer
            .with_untracked(|answer| matches!(answer, Some(Resent::Sent(_))));
        let address = RwSignal::new(if sent {
            String::new()
        } else {
            resend.initial.email.clone()
        });
        Self {
            resend,
            address,
            revoke: Form::new("revoke", ()),
            copy: Form::new("copy_link", ()),
            unlock: Form::new("unlock_user", ()),
            deactivate: Form::new("deactivate_user", ()),
            reactivate: Form::new("reactivate_user", ()),
            remove: Form::new("remove_user", ()),
        }
    }

    /// What the server refused last, of each.
    pub(super) const fn failures(&self) -> [RwSignal<Option<Failure>>; 7] {
        [
            self.resend.failure,
            self.revoke.failure,
            self.copy.failure,
            self.unlock.failure,
            self.deactivate.failure,
            self.reactivate.failure,
            self.remove.failure,
        ]
    }

    /// Takes away what the last action left on the page, before another begins.
    pub(super) fn begin(&self) {
        for failure in self.failures() {
            failure.set(None);
        }
        self.resend.answer.set(None);
        self.copy.answer.set(None);
        for done in [&self.unlock, &self.deactivate, &self.reactivate] {
            done.answer.set(None);
        }
    }

    /// Whether an action found the person otherwise than the page shows them.
    pub(super) fn overtaken(&self) -> bool {
        self.failures()
            .iter()
            .any(|failure| failure.with(|failure| *failure == Some(Failure::Changed)))
    }
}

/// What is needed to act on a person.
#[derive(Clone)]
pub(super) struct Whom {
    pub slug: String,
    pub id: String,
    pub name: String,
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
    let member = matches!(
        user.row.state.state,
        AccountState::Active | AccountState::Locked | AccountState::Deactivated
    );
    let access = member.then(|| view! { <AccessCard user=user.clone() whom=whom.clone() actions=actions.clone() changed/> });
    // What is not locked needs no unlocking, and what was accepted no sending: these cards come when they are needed, first.
    let locked = user.row.state.state == AccountState::Locked;
    let account = locked.then(|| view! { <AccountCard user=user.clone() whom=whom.clone() actions=actions.clone() changed/> });
    let invitation = user.open_invitation.then(
        || view! { <InvitationCard user=user.clone() whom actions=actions.clone() changed/> },
    );
    view! { {invitation} {account} {access} }
}
