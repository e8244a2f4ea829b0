//! How the page shows the invitation again when it is no longer what a form was sent for.

use leptos::prelude::*;
use muster::{draft::AcceptDraft, failure::Failure};

use crate::failure::Refusal;

/// Asks for the invitation again, without leaving the page: what was typed stays.
#[derive(Clone, Copy)]
pub(super) struct LookAgain {
    /// The reference to the page's link.
    pub(super) link: RwSignal<String>,
    /// What was typed so far.
    pub(super) typed: RwSignal<Option<AcceptDraft>>,
    /// How many times the page was out of date.
    pub(super) times: RwSignal<u32>,
}

impl LookAgain {
    /// Looks again if the outcome says that the page is out of date.
    pub(super) fn after<T>(self, outcome: &Result<T, Refusal>, typed: Option<AcceptDraft>) {
        if let Err(Refusal(
            Failure::LinkDead | Failure::PageOutdated | Failure::WrongAddress | Failure::SignedOut,
        )) = outcome
        {
            self.typed.set(typed);
            // The form keeps the failure before the page is made again.
            set_timeout(
                move || {
                    // The page may be gone by then.
                    let _ = self.times.try_update(|times| *times += 1);
                },
                std::time::Duration::ZERO,
            );
        }
    }
}
