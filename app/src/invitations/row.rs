//! A row of the invitation form: address, role and outcome.

use std::time::Duration;

use i18n::*;
use leptos::{ev::ClipboardEvent, prelude::*};
use muster::{draft::rows_from_paste, problem::FieldProblem};
use rpc::invitations::RowOutcome;

use super::{
    outcome::OutcomeLine,
    rows::{Row, Rows},
};
use crate::ui::{Button, ButtonKind, Choice, Field, IconName, SelectField, use_toasts};

/// Delay before a problem appears: it moves the content below, and the click that ended the typing must hit its button.
const CLICK: Duration = Duration::from_millis(180);

#[component]
pub fn RowFields(
    row: Row,
    rows: Rows,
    /// The problems of the current draft.
    problems: Memo<Vec<FieldProblem>>,
    /// The server's problem with the rows as a whole.
    #[prop(into)]
    refused: Signal<Option<String>>,
    /// Whether the page is hydrated; rows can be removed only then.
    alive: RwSignal<bool>,
) -> impl IntoView {
    let locale = use_locale();
    let say = use_say();
    let toasts = use_toasts();
    let key = row.key;
    let (email, role) = (
        RwSignal::from(row.email.clone()),
        RwSignal::from(row.role.clone()),
    );
    let (left, outcome) = (
        RwSignal::from(row.left.clone()),
        RwSignal::from(row.outcome.clone()),
    );
    let number = move || rows.position(key).map_or(0, |place| place + 1);
    let found = move |field: &str| {
        // Matched by the end of the name, because the row's position may have changed since it was sent.
        outcome.with(|outcome| match outcome {
            Some(RowOutcome::Invalid(problems)) => {
                let wrong = problems
                    .iter()
                    .find(|problem| problem.field.ends_with(field));
                wrong.map(|problem| say.of_problem(&problem.problem))
            }
            _ => None,
        })
    };
    let wrong = move || {
        let position = rows.position(key)?;
        let tried = rows.tried.get();
        // An empty row that was only passed is not a mistake.
        let shown = tried || (left.get() && email.with(|email| !email.trim().is_empty()));
        let own = problems.with(|problems| Rows::of_row(problems, position, "email"));
        if let (true, Some(problem)) = (shown, own.first()) {
            return Some(say.of_problem(&problem.problem));
        }
        let no_row = problems.with(|problems| say.of_field(problems, "rows"));
        if position == 0 && (tried || refused.get().is_some()) && no_row.is_some() {
            return no_row;
        }
        found("email")
    };
    let wrong_role = move || found("role");
    let options: Vec<Choice> = rows
        .roles()
        .into_iter()
        .map(|role| Choice::new(role.id, role.name))
        .collect();
    let changed = Callback::new(move |_: String| outcome.set(None));
    let leaving = move |_| {
        set_timeout(
            move || {
                // The row may have been removed.
                let _ = left.try_set(true);
            },
            CLICK,
        );
    };
    let paste = move |event: ClipboardEvent| {
        let Some(text) = event
            .clipboard_data()
            .and_then(|data| data.get_data("text").ok())
        else {
            return;
        };
        let addresses = rows_from_paste(&text);
        let one_as_it_is = addresses.len() == 1
            && addresses
                .first()
                .is_some_and(|address| address == text.trim());
        let typing = addresses.len() < 2 && email.with_untracked(|email| !email.is_empty());
        if addresses.is_empty() || one_as_it_is || typing {
            return;
        }
        event.prevent_default();
        outcome.set(None);
        let left_out = rows.spread(key, addresses);
        if left_out > 0 {
            toasts.bad(td_string!(locale, invitations.paste_over, count = left_out));
        }
    };
    let remove = Callback::new(move |_| {
        if let Some(field) = rows.remove(key) {
            focus(field);
        }
    });
    view! {
        <li class="invite-row">
            <Field
                name=format!("rows[{key}][email]")
                id=row.field()
                kind="email"
                label=move || td_string!(locale, invitations.email_of, n = number())
                label_hidden=true
                value=email
                error=wrong
                placeholder=move || td_string!(locale, invitations.placeholder)
                autocomplete="off"
                inputmode="email"
                on_input=changed
                on:focusout=leaving
                on:paste=paste
            />
            <SelectField
                name=format!("rows[{key}][role]")
                id=format!("row-{key}-role")
                label=move || td_string!(locale, invitations.role_of, n = number())
                label_hidden=true
                value=role
                options=options
                error=wrong_role
                on_change=changed
            />
            <Button
                kind=ButtonKind::Ghost
                icon=IconName::X
                label=move || td_string!(locale, invitations.remove, n = number())
                on_click=remove
                attr:hidden=move || !alive.get()
            />
            <OutcomeLine row rows/>
        </li>
    }
}

/// Moves the focus to a field after it has been rendered.
pub fn focus(field: String) {
    request_animation_frame(move || {
        if let Some(field) = document().get_element_by_id(&field)
            && let Ok(field) = wasm_bindgen::JsCast::dyn_into::<web_sys::HtmlElement>(field)
        {
            let _ = field.focus();
        }
    });
}
