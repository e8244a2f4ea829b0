//! The results by row: one list per result, which opens below.

use i18n::*;
use leptos::prelude::*;
use muster::import::{ImportState, RowsKind, Send};
use rpc::imports::ImportView;

use super::{LISTS, code_of, count_of, following::Following, rows::RowsAsked};
use crate::users::in_full;

#[component]
pub fn Verdicts(following: Following, asked: Memo<Option<RowsAsked>>) -> impl IntoView {
    let locale = use_locale();
    let words = use_import_words();
    // A discarded import has no rows to show.
    let known = Memo::new(move |_| {
        following.view.with(|view| {
            view.state != ImportState::Discarded && (view.plan.is_some() || view.done.is_some())
        })
    });
    let access = following.view.with_untracked(|view| view.options.access);
    let written = Memo::new(move |_| following.view.with(ImportView::written));
    let shown = Memo::new(move |_| {
        asked
            .get()
            .or_else(|| following.view.with(RowsAsked::usual))
            .map(|asked| asked.kind)
    });
    let counted = Memo::new(move |_| {
        following
            .view
            .with(|view| LISTS.map(|kind| (kind, count_of(view, kind))).to_vec())
    });
    let lists = move || {
        counted
            .get()
            .into_iter()
            // Empty lists are hidden, except those of invited and rejected rows.
            .filter(|(kind, count)| {
                *count > 0 || matches!(kind, RowsKind::Invite | RowsKind::Refused)
            })
            .map(|(kind, count)| {
                let is_open = shown.get() == Some(kind);
                view! {
                    <a
                        class=code_of(kind)
                        class:none=count == 0
                        href=following.path(&format!("?rows={}", code_of(kind)))
                        aria-current=is_open.then_some("true")
                    >
                        <strong>{grouped(locale, count.into())}</strong>
                        <span>{words.list(kind, access, written.get())}</span>
                    </a>
                }
            })
            .collect_view()
    };
    let seats = move || {
        following.view.with(|view| {
            let left = view.seats_left.filter(|_| view.done.is_none())?;
            let wanted = view.plan.map_or(0, |plan| plan.invite);
            let free = grouped(locale, left.into());
            Some(if wanted > left {
                td_string!(
                    locale,
                    imports.seats_short,
                    free = free,
                    wanted = grouped(locale, wanted.into())
                )
            } else {
                td_string!(locale, imports.seats_enough, free = free)
            })
        })
    };
    // When invited people get their email, which the counts of the plan do not show.
    let told = move || {
        following.view.with(|view| {
            let invites = view.plan.is_some_and(|plan| plan.invite > 0);
            if view.state != ImportState::Planned || !invites {
                return None;
            }
            let access = view.options.access;
            let until = view.sends_at.as_ref().map(in_full);
            Some(match view.options.send {
                Send::Now => words.then_now(access, view.life_hours),
                Send::Later | Send::Job => words.then_sent(access, until.as_deref()),
            })
        })
    };
    view! {
        <section hidden=move || !known.get()>
            <nav class="card verdicts" aria-label=td_string!(locale, imports.verdicts)>{lists}</nav>
            {move || seats().map(|words| view! { <p class="muted seats-left">{words}</p> })}
            {move || told().map(|words| view! { <p class="muted seats-left">{words}</p> })}
        </section>
    }
}
