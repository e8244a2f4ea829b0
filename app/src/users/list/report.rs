//! The result of a bulk action: what was done, who was not changed and why, and without scripts the confirmation of an
//! irreversible action.

use i18n::*;
use leptos::prelude::*;
use muster::{draft::BulkAction, failure::Failure};
use rpc::users::{BulkReport, Chosen};

use super::{
    address::{self, Kind},
    bulk::Bulk,
    living::List,
};
use crate::ui::{Banner, BannerKind, Button, ButtonKind, ButtonLink, Card, IconName};

/// Maximum number of names before the rest is only counted.
const NAMED: usize = 5;

/// The report of the last action.
#[component]
pub fn Outcome(list: List, bulk: Bulk) -> impl IntoView {
    let locale = use_locale();
    let say = use_say();
    let kind = list.kind;
    let failure = bulk.failure();
    view! {
        {move || failure.get().map(|words| view! { <Banner kind=BannerKind::Bad>{words}</Banner> })}
        {move || {
            bulk.answer
                .get()
                .map(|report| match report {
                    BulkReport::Confirm { action, people } => {
                        view! { <ConfirmCard list action people/> }.into_any()
                    }
                    BulkReport::Done { action, done, left } => view! {
                        {(!done.is_empty())
                            .then(|| view! {
                                <Banner kind=BannerKind::Ok>{done_words(locale, kind, action, &done)}</Banner>
                            })}
                        {(!left.is_empty()).then(|| view! { <Left list bulk action left say/> })}
                    }
                    .into_any(),
                })
        }}
    }
}

/// The people who were not changed, each with the reason.
#[component]
fn Left(
    list: List,
    bulk: Bulk,
    action: BulkAction,
    left: Vec<(Chosen, Failure)>,
    say: Say,
) -> impl IntoView {
    let locale = use_locale();
    let title = match left.len() {
        1 => td_string!(locale, users.left_singular).to_owned(),
        n => td_string!(locale, users.left_plural, count = n),
    };
    let lines = left
        .into_iter()
        .map(|(person, failure)| {
            view! { <li><strong>{person.name}</strong> " – " {reason(locale, say, action, &failure)}</li> }
        })
        .collect_view();
    view! {
        <Banner kind=BannerKind::Wait title=title>
            <ul class="left-list">{lines}</ul>
            <span hidden=move || !list.alive.get()>
                <Button kind=ButtonKind::Link on_click=Callback::new(move |_| bulk.answer.set(None))>
                    {td!(locale, common.dismiss)}
                </Button>
            </span>
        </Banner>
    }
}

/// Returns why a person was not changed. A conflict with the person's state has its own text.
fn reason(locale: Locale, say: Say, action: BulkAction, failure: &Failure) -> String {
    match (failure, action) {
        (Failure::Conflict, BulkAction::Resend) => td_string!(locale, users.left_not_invited),
        (Failure::Conflict, BulkAction::Deactivate) => td_string!(locale, users.left_not_active),
        (Failure::Conflict, BulkAction::Reactivate) => {
            td_string!(locale, users.left_not_deactivated)
        }
        (Failure::Conflict | Failure::NotFound, _) => td_string!(locale, users.left_gone),
        _ => return say.of_failure(failure),
    }
    .to_owned()
}

/// The confirmation of removing people, for browsers without scripts.
#[component]
fn ConfirmCard(list: List, action: BulkAction, people: Vec<Chosen>) -> impl IntoView {
    let locale = use_locale();
    let kind = list.kind;
    let names: Vec<String> = people.iter().map(|person| person.name.clone()).collect();
    let back = address::href(&list.path(), &list.query.get_untracked());
    let (title, text) = (
        question(locale, kind, &names),
        remove_text(locale, kind, &names),
    );
    let several = names.len() > 1;
    view! {
        <div class="confirm">
            <Card title=title>
                <p>{text}</p>
                {several.then(|| view! { <Names names/> })}
                <form method="post" class="actions">
                    <input type="hidden" name="intent" value="bulk_users"/>
                    <input type="hidden" name="action" value=action.code()/>
                    <input type="hidden" name="confirmed" value="1"/>
                    {people
                        .into_iter()
                        .map(|person| view! { <input type="hidden" name="ids[]" value=person.id/> })
                        .collect_view()}
                    <ButtonLink href=back attr:rel="external">{td!(locale, common.cancel)}</ButtonLink>
                    <Button submit=true kind=ButtonKind::Destroy icon=IconName::Trash2>
                        {remove_word(locale, kind)}
                    </Button>
                </form>
            </Card>
        </div>
    }
}

/// The first few names, and the number of further ones.
#[component]
pub fn Names(names: Vec<String>) -> impl IntoView {
    let locale = use_locale();
    // One more name takes no more space than its count.
    let shown = if names.len() == NAMED + 1 {
        NAMED + 1
    } else {
        NAMED
    };
    let more = names.len().saturating_sub(shown);
    view! {
        <ul class="names-list">
            {names.into_iter().take(shown).map(|name| view! { <li>{name}</li> }).collect_view()}
            {(more > 0)
                .then(|| view! { <li class="muted">{td_string!(locale, users.and_more, count = more)}</li> })}
        </ul>
    }
}

/// Returns one sentence for what was done.
pub fn done_words(locale: Locale, kind: Kind, action: BulkAction, done: &[Chosen]) -> String {
    let count = done.len();
    match (action, kind, done) {
        (BulkAction::Resend, _, [one]) => {
            td_string!(locale, users.done_resend_singular, name = one.name.clone())
        }
        (BulkAction::Resend, ..) => td_string!(locale, users.done_resend_plural, count = count),
        (BulkAction::Deactivate, _, [one]) => {
            td_string!(
                locale,
                users.done_deactivate_singular,
                name = one.name.clone()
            )
        }
        (BulkAction::Deactivate, ..) => {
            td_string!(locale, users.done_deactivate_plural, count = count)
        }
        (BulkAction::Reactivate, _, [one]) => {
            td_string!(
                locale,
                users.done_reactivate_singular,
                name = one.name.clone()
            )
        }
        (BulkAction::Reactivate, ..) => {
            td_string!(locale, users.done_reactivate_plural, count = count)
        }
        (BulkAction::Remove, Kind::Users, [one]) => {
            td_string!(locale, users.done_remove_singular, name = one.name.clone())
        }
        (BulkAction::Remove, Kind::Users, _) => {
            td_string!(locale, users.done_remove_plural, count = count)
        }
        (BulkAction::Remove, Kind::Invitations, [one]) => {
            td_string!(locale, users.revoked, name = one.name.clone())
        }
        (BulkAction::Remove, Kind::Invitations, _) => {
            td_string!(locale, users.done_revoke_plural, count = count)
        }
    }
}

/// Returns the question before people are removed.
pub fn question(locale: Locale, kind: Kind, names: &[String]) -> String {
    match (kind, names) {
        (Kind::Users, [one]) => {
            td_string!(locale, users.remove_question_singular, name = one.clone())
        }
        (Kind::Users, _) => {
            td_string!(locale, users.remove_question_plural, count = names.len())
        }
        (Kind::Invitations, [one]) => {
            td_string!(locale, users.revoke_title, name = one.clone())
        }
        (Kind::Invitations, _) => {
            td_string!(locale, users.revoke_question_plural, count = names.len())
        }
    }
}

/// Returns the consequences.
pub fn remove_text(locale: Locale, kind: Kind, names: &[String]) -> String {
    match (kind, names) {
        (Kind::Users, [_]) => td_string!(locale, users.remove_singular_text).to_owned(),
        (Kind::Users, _) => td_string!(locale, users.remove_bulk_text).to_owned(),
        (Kind::Invitations, [one]) => td_string!(locale, users.revoke_text, name = one.clone()),
        (Kind::Invitations, _) => td_string!(locale, users.revoke_bulk_text).to_owned(),
    }
}

/// Returns the label of the confirming button.
pub fn remove_word(locale: Locale, kind: Kind) -> &'static str {
    match kind {
        Kind::Users => td_string!(locale, users.remove_confirm),
        Kind::Invitations => td_string!(locale, users.revoke_bulk_confirm),
    }
}
