//! The actions of an administrator on a user. A forbidden action shows the rule that forbids it. Each action is a form,
//! so it works without scripts. The cards are in `invitation_card` and `access_card`.

use leptos::prelude::*;
use muster::{account_state::AccountState, draft::ResendDraft, failure::Failure};
use rpc::{
    invitations::{CopiedLink, Resent},
    users::UserView,
};

use super::{
    access_card::{AccessCard, AccountCard},
    invitation_card::InvitationCard,
};
use crate::{form::Form, shell::use_shell};

/// The forms of a user's page.
#[derive(Clone)]
pub struct Actions {
    pub(super) resend: Form<ResendDraft, Resent>,
    /// The corrected address as typed; it stays when the page reloads its data.
    pub(super) address: RwSignal<String>,
    /// Has an answer after the invitation was revoked and the page no longer exists.
    pub revoke: Form<(), ()>,
    pub(super) copy: Form<(), CopiedLink>,
    pub(super) unlock: Form<(), ()>,
    pub(super) deactivate: Form<(), ()>,
    pub(super) reactivate: Form<(), ()>,
    /// Has an answer after the member was removed and the page no longer exists.
    pub remove: Form<(), ()>,
}

impl Actions {
    /// Creates all forms, always in this order: posted data are restored by it.
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

    /// Returns the last failure of each form.
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

    /// Clears the results of the last action before another begins.
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

    /// Returns whether an action found another state than the page shows.
    pub(super) fn overtaken(&self) -> bool {
        self.failures()
            .iter()
            .any(|failure| failure.with(|failure| *failure == Some(Failure::Conflict)))
    }
}

/// The person to act on.
#[derive(Clone)]
pub(super) struct Whom {
    pub slug: String,
    pub id: String,
    pub name: String,
}

/// The cards of actions for the invitation and, if there is one, the account.
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
    // These cards come first if they are needed: for a locked account, or for an open invitation.
    let locked = user.row.state.state == AccountState::Locked;
    let account = locked.then(|| view! { <AccountCard user=user.clone() whom=whom.clone() actions=actions.clone() changed/> });
    let invitation = user.open_invitation.then(
        || view! { <InvitationCard user=user.clone() whom actions=actions.clone() changed/> },
    );
    view! { {invitation} {account} {access} }
}
