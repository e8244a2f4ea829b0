//! The notice of a conflict: who changed the details, and the current value of each field that differs from the input.

use i18n::*;
use leptos::prelude::*;
use muster::{draft::EditUserDraft, phone::PhoneNumber};
use rpc::users::{Conflict, Edited};

use super::state::in_full;
use crate::{
    form::Form,
    ui::{Banner, BannerKind},
};

/// The banner's id; it gets the focus when it appears.
pub(super) const CONFLICT: &str = "conflict";

/// Returns the conflict of the last attempt to save.
pub(super) fn conflict_of(form: &Form<EditUserDraft, Edited>) -> Signal<Option<Conflict>> {
    let answer = form.answer;
    Signal::derive(move || {
        answer.with(|answer| match answer {
            Some(Edited::Conflict(conflict)) => Some((**conflict).clone()),
            _ => None,
        })
    })
}

/// Who changed the details, when, and what Save does now.
#[component]
pub(super) fn ConflictBanner(conflict: Signal<Option<Conflict>>) -> impl IntoView {
    let locale = use_locale();
    view! {
        <div id=CONFLICT tabindex="-1">
            {move || {
                conflict.get().map(|conflict| {
                    let title = if conflict.by.trim().is_empty() {
                        td_string!(locale, users.conflict_title_unknown).to_owned()
                    } else if let Some(at) = conflict.at {
                        td_string!(locale, users.conflict_title, by = conflict.by, at = in_full(&at))
                    } else {
                        td_string!(locale, users.conflict_title_undated, by = conflict.by)
                    };
                    view! {
                        <Banner kind=BannerKind::Wait title=title>
                            {td_string!(locale, users.conflict_text)}
                        </Banner>
                    }
                })
            }}
        </div>
    }
}

/// Moves the focus to the banner after it has appeared.
pub(super) fn focus_conflict() {
    #[cfg(feature = "hydrate")]
    request_animation_frame(|| {
        use wasm_bindgen::JsCast;
        if let Some(banner) = document().get_element_by_id(CONFLICT)
            && let Some(banner) = banner.dyn_ref::<web_sys::HtmlElement>()
        {
            let _ = banner.focus();
        }
    });
}

/// The current value of a field, if it differs from the input.
#[component]
pub(super) fn NowLine(
    /// The input.
    value: RwSignal<String>,
    /// The current value, and its label if that differs: a role's name.
    now: Signal<Option<(String, String)>>,
    /// Whether the two are equal.
    #[prop(default = same)]
    same: fn(&str, &str) -> bool,
) -> impl IntoView {
    let locale = use_locale();
    // The button that uses the current value needs scripts.
    let alive = RwSignal::new(false);
    Effect::new(move |_| alive.set(true));
    view! {
        <div class="now-line" aria-live="polite">
            {move || {
                let (now, words) = now.get()?;
                if value.with(|typed| same(typed, &now)) {
                    return None;
                }
                let shown = if words.trim().is_empty() {
                    td_string!(locale, users.none).to_owned()
                } else {
                    words
                };
                let label = td_string!(locale, users.take_it_label, value = shown.clone());
                Some(view! {
                    <p class="now">
                        <span>{td_string!(locale, users.now, value = shown)}</span>
                        {alive.get().then(|| view! {
                            <button
                                type="button"
                                class="btn"
                                aria-label=label
                                on:click=move |_| value.set(now.clone())
                            >
                                {td!(locale, users.take_it)}
                            </button>
                        })}
                    </p>
                })
            }}
        </div>
    }
}

fn same(typed: &str, now: &str) -> bool {
    typed.trim() == now.trim()
}

/// Compares phone numbers regardless of their grouping.
pub(super) fn same_phone(typed: &str, now: &str) -> bool {
    match (PhoneNumber::parse(typed), PhoneNumber::parse(now)) {
        (Ok(typed), Ok(now)) => typed == now,
        _ => same(typed, now),
    }
}
