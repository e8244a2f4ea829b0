//! The result of the last action on a user's page, unless a toast shows it.

use i18n::*;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use muster::failure::Failure;
use rpc::invitations::Resent;

use super::{actions::Actions, state::in_full};
use crate::ui::{Banner, BannerKind};

#[component]
pub fn Outcomes(actions: Actions, name: String) -> impl IntoView {
    let locale = use_locale();
    let say = use_say();
    // The edit page redirects here without scripts.
    let saved = use_query_map().with_untracked(|query| query.get("saved").is_some());
    let resent = actions.resend.answer;
    let address = actions.resend.initial.email.clone();
    let done = [
        (
            actions.unlock.answer,
            td_string!(locale, users.unlocked, name = name.clone()),
        ),
        (
            actions.deactivate.answer,
            td_string!(locale, users.deactivated, name = name.clone()),
        ),
        (
            actions.reactivate.answer,
            td_string!(locale, users.reactivated, name = name.clone()),
        ),
    ];
    let failures = actions.failures();
    view! {
        {saved.then(|| view! {
            <Banner kind=BannerKind::Ok>{td_string!(locale, users.saved, name = name)}</Banner>
        })}
        {move || {
            let address = address.clone();
            resent.get().map(|resent| match resent {
                Resent::Sent(until) => view! {
                    <Banner kind=BannerKind::Ok>{sent_words(locale, &address, &in_full(&until))}</Banner>
                },
                Resent::TooSoon { seconds } => view! {
                    <Banner kind=BannerKind::Wait>
                        {td_string!(locale, users.too_soon, wait = say.of_wait(seconds))}
                    </Banner>
                },
            })
        }}
        {done
            .into_iter()
            .map(|(answer, words)| view! { <Done answer words/> })
            .collect_view()}
        {failures
            .into_iter()
            .map(|failure| {
                move || match failure.get()? {
                    // Shown at the fields.
                    Failure::Invalid(_) => None,
                    Failure::Conflict => Some(view! {
                        <Banner kind=BannerKind::Wait>{td_string!(locale, users.changed_meanwhile)}</Banner>
                    }),
                    other => Some(view! { <Banner kind=BannerKind::Bad>{say.of_failure(&other)}</Banner> }),
                }
            })
            .collect_view()}
    }
}

#[component]
fn Done(answer: RwSignal<Option<()>>, words: String) -> impl IntoView {
    move || {
        let words = words.clone();
        answer
            .get()
            .map(|()| view! { <Banner kind=BannerKind::Ok>{words}</Banner> })
    }
}

/// Returns the text that a new link was sent, and to which address if it was corrected.
pub(super) fn sent_words(locale: Locale, corrected: &str, until: &str) -> String {
    let corrected = corrected.trim();
    if corrected.is_empty() {
        td_string!(locale, users.resent, until = until.to_owned())
    } else {
        td_string!(
            locale,
            users.resent_to,
            email = corrected.to_owned(),
            until = until.to_owned()
        )
    }
}
