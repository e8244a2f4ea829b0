//! The progress of an import and the problems that block it.

use i18n::*;
use leptos::prelude::*;
use muster::import::{Applying, ImportState, StoppedBy};

use super::following::Following;
use crate::{
    ui::{Banner, BannerKind},
    users::in_full,
};

#[component]
pub fn ProgressCard(following: Following) -> impl IntoView {
    let locale = use_locale();
    let words = use_import_words();
    let state = following.state();
    let under_way = Memo::new(move |_| state.get().is_under_way());
    let notes = move || {
        following.view.with(|view| {
            let mut notes: Vec<(BannerKind, String)> = Vec::new();
            if let Some(fault) = &view.fault {
                notes.push((BannerKind::Bad, words.fault(fault)));
            }
            if view.mismatch {
                notes.push((
                    BannerKind::Bad,
                    td_string!(locale, imports.mismatch).to_owned(),
                ));
            }
            match view.stopped_by {
                Some(StoppedBy::Permission) => notes.push((
                    BannerKind::Wait,
                    td_string!(locale, imports.stopped_by_permission).to_owned(),
                )),
                Some(StoppedBy::Trouble) => notes.push((
                    BannerKind::Bad,
                    td_string!(locale, imports.stopped_by_trouble).to_owned(),
                )),
                None => {}
            }
            if view.is_held_up() {
                let words = td_string!(locale, imports.held_up).to_owned();
                notes.push((BannerKind::Wait, words));
            }
            if view.state == ImportState::Failed {
                let words = td_string!(locale, imports.failed).to_owned();
                notes.push((BannerKind::Bad, words));
            }
            if view.state == ImportState::Discarded {
                let words = td_string!(locale, imports.discarded).to_owned();
                notes.push((BannerKind::Info, words));
            }
            if let Some((undone, kept)) = view.undone
                && view.state == ImportState::Undone
            {
                notes.push((BannerKind::Ok, words.undone(undone, kept)));
            }
            if view.waiting > 0 {
                notes.push((
                    BannerKind::Wait,
                    words.waits(
                        view.options.access,
                        view.waiting,
                        view.sending,
                        view.sends_at.as_ref().map(in_full).as_deref(),
                    ),
                ));
            }
            if view.state == ImportState::Uploading && view.parts < view.parts_expected {
                notes.push((
                    BannerKind::Wait,
                    td_string!(
                        locale,
                        imports.not_all_parts,
                        parts = view.parts,
                        of = view.parts_expected
                    ),
                ));
            }
            notes
        })
    };
    view! {
        {move || {
            notes()
                .into_iter()
                .map(|(kind, words)| view! { <Banner kind>{words}</Banner> })
                .collect_view()
        }}
        <p class="visually-hidden" role="status">{move || words.state(state.get())}</p>
        {move || under_way.get().then(|| view! { <UnderWay following/> })}
    }
}

#[component]
fn UnderWay(following: Following) -> impl IntoView {
    let locale = use_locale();
    let say = use_say();
    let state = following.state();
    let title = move || match state.get() {
        ImportState::Applying => td_string!(locale, imports.applying_title),
        ImportState::Undoing => td_string!(locale, imports.undoing_title),
        _ => td_string!(locale, imports.checking_title),
    };
    let share = Memo::new(move |_| {
        following.view.with(|view| {
            let (so_far, of) = if view.state == ImportState::Checking {
                (view.checked_bytes, view.size)
            } else {
                (u64::from(view.progress), u64::from(view.of))
            };
            (so_far * 100 / of.max(1)).min(100)
        })
    });
    // The last step of an all-or-nothing import takes time.
    let writes_all = Memo::new(move |_| {
        following.view.with(|view| {
            view.state == ImportState::Applying
                && view.options.applying == Applying::Whole
                && view.progress == view.of
        })
    });
    let figures = move || {
        following.view.with(|view| {
            let mut parts = vec![td_string!(
                locale,
                imports.rows_so_far,
                count = grouped(locale, view.progress.into())
            )];
            if view.per_second > 0 {
                parts.push(td_string!(
                    locale,
                    imports.rate,
                    count = grouped(locale, view.per_second.into())
                ));
            }
            if let Some(left) = view.seconds_left {
                parts.push(say.of_time_left(i64::from(left).max(1)));
            }
            parts.join(" · ")
        })
    };
    view! {
        <section class="card pad under-way">
            <div class="row">
                <h2>{title}</h2>
                <span class="grow"></span>
                <span class="muted">{move || td_string!(locale, imports.percent, share = share.get())}</span>
            </div>
            <progress max="100" value=move || share.get().to_string() aria-label=title></progress>
            <p class="muted">{figures}</p>
            {move || writes_all.get().then(|| view! { <p>{td!(locale, imports.writing_all)}</p> })}
            <p class="hint">{td!(locale, imports.may_leave)}</p>
        </section>
    }
}
