//! The field for a username: a proposal with a button for another, the live checklist of all rules, and a request to
//! the server whether the username is taken.

use i18n::*;
use leptos::{prelude::*, task::spawn_local};
use muster::{
    problem::Problem,
    username::{UsernameViolation, propose, violations},
};
use rpc::setup::username_taken;

use super::{
    Live,
    username_rules::{Asked, UsernameRules},
};
use crate::ui::{Button, ButtonKind, Debounce, Field, IconName};

const RULES: &str = "username-rules";

/// The username. It must not contain the names, which are fields of the same form.
#[component]
pub fn UsernameField(
    value: RwSignal<String>,
    first_name: RwSignal<String>,
    last_name: RwSignal<String>,
    /// The server's proposal, which is available.
    #[prop(into)]
    proposal: String,
    live: Live,
    /// The value that the page's form sends for its link, which authorizes the check.
    #[prop(into)]
    link: String,
) -> impl IntoView {
    let locale = use_locale();
    let say = use_say();
    let broken = Memo::new(move |_| violations(&value.get(), &first_name.get(), &last_name.get()));
    let refused = live.refused("username", value);
    let refused_as_taken = Signal::derive(move || {
        refused
            .get()
            .contains(&Problem::Username(UsernameViolation::Taken))
    });
    let asked = RwSignal::new(if proposal.is_empty() {
        Asked::Nothing
    } else {
        Asked::Answered(proposal.clone(), false)
    });
    ask_whether_taken(link, value, broken, asked);

    let proposed = StoredValue::new(proposal);
    let offer = move || {
        let username = propose(
            &first_name.get_untracked(),
            &last_name.get_untracked(),
            random(),
        );
        proposed.set_value(username.as_str().to_owned());
        value.set(username.into());
    };
    // An unedited proposal is replaced if a name typed later turns out to be in it.
    Effect::new(move |_| {
        let in_the_way = broken.with(|broken| !broken.is_empty());
        if in_the_way
            && value
                .with_untracked(|value| !value.is_empty() && proposed.with_value(|p| p == value))
        {
            offer();
        }
    });

    let alive = RwSignal::new(false);
    Effect::new(move |_| alive.set(true));
    let shown = live.shown("username", value);
    let error = move || match shown.get().as_slice() {
        [] => None,
        [problem] => Some(say.of_problem(problem)),
        // The checklist shows each violation.
        _ => Some(td_string!(locale, setup.username_breaks_rules).to_owned()),
    };

    view! {
        <div class="username-field">
            <Field
                name="username"
                label=move || td_string!(locale, common.username)
                value=value
                error=error
                mono=true
                autocomplete="username"
                required=true
                described_by=RULES
            >
                <UsernameRules
                    id=RULES
                    value=value
                    broken=broken
                    asked=asked
                    refused_as_taken=refused_as_taken
                    settled=live.is_settled("username")
                />
            </Field>
            <div class="propose" hidden=move || !alive.get()>
                <Button
                    kind=ButtonKind::Link
                    icon=IconName::RefreshCw
                    on_click=Callback::new(move |_| offer())
                >
                    {td!(locale, setup.propose_another)}
                </Button>
            </div>
        </div>
    }
}

/// Asks the server whether the username is taken, after it is otherwise valid and typing has paused.
fn ask_whether_taken(
    link: String,
    value: RwSignal<String>,
    broken: Memo<Vec<UsernameViolation>>,
    asked: RwSignal<Asked>,
) {
    let waiting = Debounce::new();
    Effect::new(move |_| {
        let username = value.get();
        let askable = broken.with(Vec::is_empty);
        if !askable {
            waiting.cancel();
            return;
        }
        if asked.with_untracked(|asked| asked.is_about(&username)) {
            return;
        }
        asked.set(Asked::Asking(username.clone()));
        let link = link.clone();
        waiting.after_pause(move || {
            spawn_local(async move {
                let answer = match username_taken(link, username.clone()).await {
                    Ok(taken) => Asked::Answered(username.clone(), taken),
                    Err(_) => Asked::Silent(username.clone()),
                };
                // The input may have changed, or the page may have been closed.
                let still = asked
                    .try_with_untracked(|asked| *asked == Asked::Asking(username))
                    .unwrap_or(false);
                if still {
                    asked.set(answer);
                }
            });
        });
    });
}

/// Returns a random number from the browser; called only by a click or an effect.
fn random() -> u64 {
    let mut bytes = [0_u8; 8];
    if let Some(crypto) = web_sys::window().and_then(|window| window.crypto().ok()) {
        // Without randomness the proposal is always the same, which is acceptable.
        let _ = crypto.get_random_values_with_u8_array(&mut bytes);
    }
    u64::from_le_bytes(bytes)
}
