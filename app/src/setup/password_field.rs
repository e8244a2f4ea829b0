//! The field for a new password, whose strength the server measures while the person types.

use i18n::*;
use leptos::{prelude::*, task::spawn_local};
use muster::password::MIN_LENGTH;
use rpc::setup::password_strength;

use crate::ui::{Debounce, PasswordField, Words};

/// A new password. `hints` are easy guesses: names, address, username.
#[component]
pub fn NewPasswordField(
    value: RwSignal<String>,
    #[prop(into)] label: Words,
    #[prop(into)] error: Signal<Option<String>>,
    #[prop(into)] hints: Signal<Vec<String>>,
    /// Whether the form is being sent. Its link may then be used up, and the strength is no longer needed.
    #[prop(into)]
    sending: Signal<bool>,
    /// Whether the form was rendered again without the password that was typed.
    #[prop(optional)]
    came_back: bool,
    /// The value that the page's form sends for its link; empty if a session authorizes the check.
    #[prop(optional, into)]
    link: String,
) -> impl IntoView {
    let locale = use_locale();
    let missing = Memo::new(move |_| {
        let typed = value.with(|value| value.chars().take(MIN_LENGTH as usize).count());
        MIN_LENGTH.saturating_sub(u32::try_from(typed).unwrap_or(MIN_LENGTH))
    });
    let judged = RwSignal::new(None::<u8>);
    let waiting = Debounce::new();
    Effect::new(move |_| {
        let (password, hints) = (value.get(), hints.get());
        if missing.get() > 0 {
            waiting.cancel();
            judged.set(None);
            return;
        }
        let link = link.clone();
        waiting.after_pause(move || {
            spawn_local(async move {
                let answer = password_strength(link, password.clone(), hints).await;
                let same = value.try_with_untracked(|value| *value == password);
                if let (Ok(strength), Some(true)) = (answer, same) {
                    judged.set(Some(strength.score));
                }
            });
        });
    });

    Effect::new(move |_| {
        if sending.get() {
            waiting.cancel();
        }
    });

    let strength = Signal::derive(move || {
        if value.with(String::is_empty) {
            None
        } else if missing.get() > 0 {
            Some(0)
        } else {
            judged.get()
        }
    });
    let strength_word = move || {
        if value.with(String::is_empty) {
            return None;
        }
        match (missing.get(), judged.get()) {
            (1, _) => Some(td_string!(locale, setup.password_missing_singular).to_owned()),
            (n @ 2.., _) => Some(td_string!(locale, setup.password_missing_plural, n = n)),
            (0, None) => None,
            (0, Some(0 | 1)) => Some(td_string!(locale, setup.strength_weak).to_owned()),
            (0, Some(2)) => Some(td_string!(locale, setup.strength_fair).to_owned()),
            (0, Some(3)) => Some(td_string!(locale, setup.strength_strong).to_owned()),
            (0, Some(_)) => Some(td_string!(locale, setup.strength_very_strong).to_owned()),
        }
    };
    let error = move || {
        error.get().or_else(|| {
            (came_back && value.with(String::is_empty))
                .then(|| td_string!(locale, setup.password_again).to_owned())
        })
    };
    view! {
        <PasswordField
            name="password"
            label=label
            value=value
            error=error
            hint=Words::from(move || td_string!(locale, setup.password_hint, minimum = MIN_LENGTH))
            strength=strength
            strength_word=strength_word
            show_word=move || td_string!(locale, common.show)
            hide_word=move || td_string!(locale, common.hide)
            autocomplete="new-password"
            required=true
        />
    }
}
