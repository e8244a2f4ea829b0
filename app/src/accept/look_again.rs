//! Reloads the invitation if it has changed since the page was shown.

use leptos::prelude::*;
use muster::{draft::AcceptDraft, failure::Failure};
use rpc::Refusal;

/// Reloads the invitation within the page, which keeps the input.
#[derive(Clone, Copy)]
pub(super) struct LookAgain {
    /// The reference to the page's link.
    pub(super) link: RwSignal<String>,
    /// The input so far.
    pub(super) typed: RwSignal<Option<AcceptDraft>>,
    /// How many times the page was outdated.
    pub(super) times: RwSignal<u32>,
}

impl LookAgain {
    /// Reloads the invitation if the outcome says that the page is outdated.
    pub(super) fn after<T>(self, outcome: &Result<T, Refusal>, typed: Option<AcceptDraft>) {
        if let Err(Refusal(
            Failure::InvalidLink
            | Failure::PageOutdated
            | Failure::WrongAddress
            | Failure::Unauthenticated,
        )) = outcome
        {
            self.typed.set(typed);
            // The form stores the failure before the page is rendered again.
            set_timeout(
                move || {
                    // The page may have been closed.
                    let _ = self.times.try_update(|times| *times += 1);
                },
                std::time::Duration::ZERO,
            );
        }
    }
}
