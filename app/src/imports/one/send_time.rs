//! The scheduled time at which waiting invitations are sent, and the form that changes it. It works without scripts.

use i18n::*;
use leptos::{ev::SubmitEvent, prelude::*};
use muster::{draft::SendTimeDraft, failure::Failure};
use rpc::imports::schedule_import;

use super::following::Following;
use crate::ui::{Button, Field, Icon, IconName};

/// The form's name when posted.
pub const SCHEDULE: &str = "schedule_import";

#[component]
pub fn SendTime(following: Following) -> impl IntoView {
    let locale = use_locale();
    let say = use_say();
    let words = use_import_words();
    let (view, failure, send_at) = (following.view, following.failure, following.send_at);
    let access = view.with_untracked(|view| view.options.access);
    let problem = move || match failure.get() {
        Some(Failure::Invalid(problems)) => say.of_field(&problems, "send_at"),
        _ => None,
    };
    let send = move |event: SubmitEvent| {
        event.prevent_default();
        let draft = SendTimeDraft {
            send_at: send_at.get_untracked(),
        };
        let (slug, id) = (following.slug.get_value(), following.id());
        following.act(schedule_import(slug, id, draft));
    };
    let may = Memo::new(move |_| view.with(|view| view.may_schedule));
    let has_time = Memo::new(move |_| view.with(|view| view.sends_at.is_some()));
    let open = untrack(problem).is_some();
    view! {
        <form class="send-time" method="post" novalidate hidden=move || !may.get() on:submit=send>
            <input type="hidden" name="intent" value=SCHEDULE/>
            <details open=open>
                <summary>
                    <Icon name=IconName::ChevronRight/>
                    {move || if has_time.get() {
                        td_string!(locale, imports.change_send_time)
                    } else {
                        td_string!(locale, imports.set_send_time)
                    }}
                </summary>
                <Field
                    name="send_at"
                    kind="datetime-local"
                    label=td_string!(locale, imports.send_at)
                    hint=words.send_at_hint(access)
                    value=send_at
                    error=problem
                    autocomplete="off"
                />
                <Button submit=true icon=IconName::CalendarClock pending=following.pending>
                    {td!(locale, imports.set_send_time_submit)}
                </Button>
            </details>
        </form>
    }
    .into_any()
}
