//! The invitation form: people already invited, the rows, the note. Without scripts the value of the pressed button is
//! the action: `+` adds rows, a row's Resend redirects to the user's page.

use i18n::*;
use leptos::{
    ev::{MouseEvent, SubmitEvent},
    prelude::*,
};
use muster::draft::InviteDraft;
use rpc::invitations::{InviteReport, RoleChoice, invite};

use super::{
    note::NoteField,
    row::{RowFields, focus},
    rows::{Done, Rows},
};
use crate::{
    form::Form,
    shell::use_shell,
    ui::{
        Banner, BannerKind, Button, ButtonKind, ButtonLink, Icon, IconName, focus_first_invalid,
        use_toasts,
    },
};

#[component]
pub fn InviteForm(form: Form<InviteDraft, InviteReport>, roles: Vec<RoleChoice>) -> impl IntoView {
    let locale = use_locale();
    let say = use_say();
    let toasts = use_toasts();
    let shell = use_shell();
    let posted = form.answer.get_untracked();
    let rows = Rows::new(&form.initial, posted.as_ref(), roles);
    let note = RwSignal::new(form.initial.note.clone());
    let problems = Memo::new(move |_| rows.draft(note.get()).check());
    let alive = RwSignal::new(false);
    Effect::new(move |_| alive.set(true));
    // Without scripts a banner shows the result; otherwise a toast does.
    let posted_words = RwSignal::new(posted.as_ref().and_then(|_| sent_words(rows)));
    let (general, failure, pending) = (form.general(say), form.failure, form.pending);
    let refused = form.problem("rows", say);
    let send = move |event: SubmitEvent| {
        event.prevent_default();
        if pending.get_untracked() {
            return;
        }
        posted_words.set(None);
        rows.tried.set(true);
        let (draft, keys) = (untrack(|| rows.draft(note.get())), rows.keys());
        // An invalid row does not block the others, but at least one must be valid.
        let sendable = draft.form_problems().is_empty()
            && draft.parse_rows().iter().any(|(_, row)| row.is_ok());
        if !sendable {
            focus_first_invalid();
            return;
        }
        let before = rows.done.with_untracked(Vec::len);
        form.submit(&event, invite(shell.slug(), draft), move |report| {
            rows.apply(&report, &keys);
            let new: Vec<Done> = rows
                .done
                .with_untracked(|done| done.iter().skip(before).cloned().collect());
            let attention = match rows.in_trouble() {
                0 => None,
                1 => Some(td_string!(locale, invitations.attention_singular).to_owned()),
                count => Some(td_string!(
                    locale,
                    invitations.attention_plural,
                    count = count
                )),
            };
            // One toast shows both.
            match (words_of(locale, &new), attention) {
                (Some(sent), Some(attention)) => toasts.ok(format!("{sent} {attention}")),
                (Some(sent), None) => toasts.ok(sent),
                (None, Some(attention)) => toasts.info(attention),
                (None, None) => {}
            }
            focus_first_invalid();
        });
    };
    let more = Callback::new(move |event: MouseEvent| {
        event.prevent_default();
        if let Some(field) = rows.add() {
            focus(field);
        }
    });
    let full = move || {
        rows.is_full()
            .then(|| td_string!(locale, invitations.add_full))
    };
    view! {
        {move || posted_words.get().map(|words| view! { <Banner kind=BannerKind::Ok>{words}</Banner> })}
        {move || general.get().map(|words| view! { <Banner kind=BannerKind::Bad>{words}</Banner> })}
        <form class="card pad" method="post" novalidate on:submit=send>
            // Enter presses a form's first button, which must be the one that invites.
            <button class="visually-hidden" type="submit" name="intent" value="invite" tabindex="-1" aria-hidden="true">
                {td!(locale, invitations.submit)}
            </button>
            <DoneLines rows/>
            <div class="invite-head" aria-hidden="true">
                <span>{td!(locale, invitations.email)}</span>
                <span>{td!(locale, invitations.role)}</span>
            </div>
            <ul class="invite-rows">
                <For
                    each=move || rows.list.get()
                    key=|row| row.key
                    children=move |row| view! { <RowFields row rows problems refused alive/> }
                />
            </ul>
            <div class="invite-more">
                <Button
                    submit=true
                    name="intent"
                    value="more_rows"
                    icon=IconName::Plus
                    disabled=Signal::derive(move || rows.is_full())
                    why=full
                    on_click=more
                >
                    {td!(locale, invitations.add)}
                </Button>
                <p class="hint" hidden=move || !alive.get()>{td!(locale, invitations.paste_hint)}</p>
            </div>
            <NoteField value=note failure tried=rows.tried/>
            <div class="actions">
                <ButtonLink href=shell.path("users")>{td!(locale, common.cancel)}</ButtonLink>
                <Button
                    kind=ButtonKind::Primary
                    icon=IconName::Send
                    submit=true
                    name="intent"
                    value="invite"
                    pending=pending
                >
                    {td!(locale, invitations.submit)}
                </Button>
            </div>
        </form>
    }
}

/// The people already invited, apart from the rows.
#[component]
fn DoneLines(rows: Rows) -> impl IntoView {
    let locale = use_locale();
    view! {
        <ul class="invite-done" hidden=move || rows.done.with(Vec::is_empty) aria-label=move || td_string!(locale, invitations.done)>
            <For
                each=move || rows.done.get()
                key=|done| (done.key, done.again)
                children=move |done| view! {
                    <li>
                        <Icon name=IconName::CircleCheck/>
                        <strong>{done.email}</strong>
                        <span class="muted">{done.role}</span>
                        <span>
                            {if done.again {
                                td_string!(locale, invitations.done_again)
                            } else {
                                td_string!(locale, invitations.done_invited)
                            }}
                        </span>
                    </li>
                }
            />
        </ul>
    }
}

fn sent_words(rows: Rows) -> Option<String> {
    let locale = use_locale();
    rows.done.with_untracked(|done| words_of(locale, done))
}

/// Returns one sentence for what was sent.
fn words_of(locale: Locale, done: &[Done]) -> Option<String> {
    match done {
        [] => None,
        [one] => Some(td_string!(
            locale,
            invitations.sent_singular,
            email = one.email.clone()
        )),
        several => Some(td_string!(
            locale,
            invitations.sent_plural,
            count = several.len()
        )),
    }
}
