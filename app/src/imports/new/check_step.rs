//! The third step: the progress of the check, its results, and corrections.

use i18n::*;
use leptos::{ev::MouseEvent, prelude::*};

use super::{
    super::{
        checking::{Ask, Counts, Filter, KindCount, MOST_KEPT},
        steps::Step,
    },
    focus,
    grid::Grid,
    importing::Importing,
    stats::Stats,
};
use crate::ui::{Banner, BannerKind, Button, ButtonKind, IconName};

/// The id of the heading with the number of invalid rows.
const HEADING: &str = "wrong-rows";

#[component]
pub fn CheckStep(importing: Importing) -> impl IntoView {
    let locale = use_locale();
    let words = use_import_words();
    let done = Memo::new(move |_| {
        importing
            .progress
            .with(|progress| progress.as_ref().is_some_and(|it| it.done))
    });
    let stop = move || importing.stop();
    let count = move |count: u32| grouped(locale, count.into());
    // Announced after the check and after each change.
    let spoken = move || {
        done.get().then(|| {
            importing.counts.with(|counts| {
                td_string!(
                    locale,
                    imports.spoken,
                    rows = count(counts.rows),
                    ready = count(counts.ready),
                    wrong = count(counts.wrong)
                )
            })
        })
    };
    let upload = importing.upload;
    let holds_up = Memo::new(move |_| {
        done.get() && importing.options.is_whole() && importing.counts.with(|it| it.wrong > 0)
    });
    view! {
        <Stats importing/>
        <p class="visually-hidden" role="status">{spoken}</p>
        {move || stop().map(|fault| view! {
            <Banner kind=BannerKind::Bad title=td_string!(locale, imports.stopped_reading)>
                {words.fault(&fault)}
            </Banner>
        })}
        {move || upload.trouble.get().map(|trouble| view! {
            <Banner kind=BannerKind::Bad title=td_string!(locale, imports.not_uploaded)>{trouble}</Banner>
        })}
        <Uploading importing/>
        <div class="import-todo" hidden=move || !done.get()>
            <h2 id=HEADING tabindex="-1">
                {move || importing.counts.with(|counts| match counts.wrong {
                    0 => nothing_wrong(counts, stop().is_some(), locale).to_owned(),
                    1 => td_string!(locale, imports.attention_singular).to_owned(),
                    wrong => td_string!(locale, imports.attention_plural, count = count(wrong)),
                })}
            </h2>
            <TodoButtons importing stopped=Signal::derive(move || stop().is_some())/>
        </div>
        {move || importing.counts.with(|counts| counts.beyond > 0).then(|| view! {
            <Banner kind=BannerKind::Wait title=td_string!(
                locale,
                imports.beyond_title,
                count = count(importing.counts.with(|counts| counts.beyond))
            )>
                {td_string!(locale, imports.beyond_text, most = grouped(locale, i64::try_from(MOST_KEPT).unwrap_or_default()))}
            </Banner>
        })}
        {move || holds_up.get().then(|| view! {
            <Banner kind=BannerKind::Wait>{td!(locale, imports.whole_text)}</Banner>
        })}
        <div hidden=move || !done.get()>
            <Kinds importing/>
            <Grid importing/>
        </div>
        <div class="actions start">
            <Button
                icon=IconName::ArrowLeft
                disabled=upload.pending
                why=move || upload.pending.get().then(|| td_string!(locale, imports.why_uploading))
                on_click=Callback::new(move |_: MouseEvent| importing.step.set(Step::Columns))
            >
                {td!(locale, imports.back_to_columns)}
            </Button>
        </div>
    }
    .into_any()
}

/// Returns the text that is shown if no row is invalid.
fn nothing_wrong(counts: &Counts, stopped: bool, locale: Locale) -> &'static str {
    if stopped {
        td_string!(locale, imports.none_wrong_so_far)
    } else if counts.rows == 0 {
        td_string!(locale, imports.no_rows_in_file)
    } else if counts.ready == 0 {
        td_string!(locale, imports.all_left_out)
    } else {
        td_string!(locale, imports.all_ready)
    }
}

/// Moves the focus to the changed content, because the pressed button disappears.
fn focus_todo() {
    focus(HEADING);
}

/// The actions for all invalid rows, and the button for the next step.
#[component]
fn TodoButtons(importing: Importing, stopped: Signal<bool>) -> impl IntoView {
    let locale = use_locale();
    let counts = importing.counts;
    let count = move |count: u32| grouped(locale, count.into());
    let upload = importing.upload;
    let why = move || {
        if stopped.get() {
            Some(td_string!(locale, imports.why_stopped))
        } else {
            counts.with(|counts| (counts.ready == 0).then(|| td_string!(locale, imports.why_none)))
        }
    };
    view! {
        <div hidden=move || counts.with(|it| it.proposable == 0)>
            <Button
                icon=IconName::WandSparkles
                disabled=upload.pending
                on_click=Callback::new(move |_: MouseEvent| {
                    importing.ask(Ask::ProposeAll);
                    focus_todo();
                })
            >
                {move || counts.with(|it| match it.proposable {
                    1 => td_string!(locale, imports.propose_singular).to_owned(),
                    n => td_string!(locale, imports.propose_plural, count = count(n)),
                })}
            </Button>
        </div>
        <div hidden=move || counts.with(|it| it.wrong == it.beyond)>
            <Button disabled=upload.pending on_click=Callback::new(move |_: MouseEvent| {
                importing.ask(Ask::LeaveRestOut);
                focus_todo();
            })>
                {move || counts.with(|it| match it.wrong - it.beyond {
                    1 => td_string!(locale, imports.leave_out_singular).to_owned(),
                    n => td_string!(locale, imports.leave_out_plural, count = count(n)),
                })}
            </Button>
        </div>
        <Button
            kind=ButtonKind::Primary
            icon=IconName::Upload
            pending=upload.pending
            disabled=Signal::derive(move || why().is_some())
            why=why
            on_click=Callback::new(move |_: MouseEvent| upload.start(importing))
        >
            {move || counts.with(|it| match it.ready {
                1 => td_string!(locale, imports.upload_singular).to_owned(),
                n => td_string!(locale, imports.upload_plural, count = count(n)),
            })}
        </Button>
    }
    .into_any()
}

/// The progress of the upload.
#[component]
fn Uploading(importing: Importing) -> impl IntoView {
    let locale = use_locale();
    let upload = importing.upload;
    move || {
        let (parts, of) = upload.parts.get().filter(|_| upload.pending.get())?;
        Some(view! {
            <section class="card pad import-uploading" role="status">
                <strong>{td!(locale, imports.uploading)}</strong>
                <progress max=of.to_string() value=parts.to_string() aria-label=td_string!(locale, imports.uploading)></progress>
                <span class="muted">{td_string!(locale, imports.parts, parts = parts, of = of)}</span>
            </section>
        })
    }
}

/// Scrolls the line of kinds so that the selected one is completely visible.
fn scroll_to_pressed() {
    let Ok(Some(pressed)) = document().query_selector(".kinds [aria-pressed='true']") else {
        return;
    };
    let Some(line) = pressed.parent_element() else {
        return;
    };
    let (chip, within) = (
        pressed.get_bounding_client_rect(),
        line.get_bounding_client_rect(),
    );
    let room = (within.width() - chip.width()) / 2.0;
    let (before, behind) = (chip.left() - within.left(), within.right() - chip.right());
    if before < 0.0 || behind < 0.0 {
        #[expect(clippy::cast_possible_truncation, reason = "pixels")]
        let by = (before - room) as i32;
        line.set_scroll_left(line.scroll_left() + by);
    }
}

/// The problems by kind; each kind is a filter of the rows.
#[component]
fn Kinds(importing: Importing) -> impl IntoView {
    let locale = use_locale();
    let words = use_import_words();
    let kinds = Memo::new(move |_| importing.counts.with(|it| it.kinds.clone()));
    let others = Memo::new(move |_| {
        importing
            .counts
            .with(|it| (it.wrong, it.left_out, it.mended))
    });
    let filter = Memo::new(move |_| importing.shown.with(|it| it.filter.clone()));
    // On a phone they are in one scrolling line.
    Effect::new(move |before: Option<()>| {
        filter.track();
        if before.is_some() {
            request_animation_frame(scroll_to_pressed);
        }
    });
    // The selected kind stays visible even if no row has it any more.
    let kinds_shown = move || {
        let mut shown = kinds.get();
        if let Filter::Of(kind) = filter.get()
            && !shown.iter().any(|it| it.kind == kind)
        {
            shown.push(KindCount { kind, rows: 0 });
        }
        shown
    };
    let is_shown = move |own: Filter, rows: u32| rows > 0 || filter.get() == own;
    // The selected kind, if its cells may be empty.
    let emptied = Memo::new(move |_| {
        let Filter::Of(kind) = filter.get() else {
            return None;
        };
        let rows = kinds.with(|kinds| kinds.iter().find(|it| it.kind == kind).map(|it| it.rows))?;
        let column = kind.column?;
        column.may_be_empty().then_some((kind, rows))
    });
    // The skipped rows, if they are selected.
    let taken_in = move || {
        let left_out = others.get().1;
        (filter.get() == Filter::LeftOut && left_out > 0).then(|| match left_out {
            1 => td_string!(locale, imports.take_in_singular).to_owned(),
            n => td_string!(
                locale,
                imports.take_in_plural,
                count = grouped(locale, n.into())
            ),
        })
    };
    let chip = move |own: Filter, word: String, rows: u32| {
        let (shows, is_on) = (own.clone(), own);
        view! {
            <button
                type="button"
                aria-pressed=move || (filter.get() == is_on).to_string()
                on:click=move |_| importing.ask(Ask::Show(shows.clone()))
            >
                {word}
                <b>{grouped(locale, rows.into())}</b>
            </button>
        }
    };
    view! {
        <div
            class="kinds"
            role="group"
            aria-label=td_string!(locale, imports.kinds)
            hidden=move || {
                kinds.with(Vec::is_empty) && others.get() == (0, 0, 0) && filter.get() == Filter::Wrong
            }
        >
            {move || chip(Filter::Wrong, td_string!(locale, imports.all_wrong).to_owned(), others.get().0)}
            {move || {
                kinds_shown()
                    .into_iter()
                    .map(|KindCount { kind, rows }| {
                        let word = words.kind(kind.column, &kind.code);
                        chip(Filter::Of(kind), word, rows)
                    })
                    .collect_view()
            }}
            {move || is_shown(Filter::LeftOut, others.get().1).then(|| {
                chip(Filter::LeftOut, td_string!(locale, imports.left_out).to_owned(), others.get().1)
            })}
            {move || is_shown(Filter::Mended, others.get().2).then(|| {
                chip(Filter::Mended, td_string!(locale, imports.mended).to_owned(), others.get().2)
            })}
        </div>
        {move || taken_in().map(|words| view! {
            <div class="of-filter">
                <Button icon=IconName::Undo2 disabled=importing.upload.pending on_click=Callback::new(move |_: MouseEvent| {
                    importing.ask(Ask::TakeAllIn);
                    focus_todo();
                })>
                    {words}
                </Button>
            </div>
        })}
        {move || emptied.get().map(|(kind, rows)| view! {
            <div class="of-filter">
                <Button disabled=importing.upload.pending on_click=Callback::new(move |_: MouseEvent| {
                    importing.ask(Ask::Empty(kind.clone()));
                    focus_todo();
                })>
                    {match rows {
                        1 => td_string!(locale, imports.empty_singular).to_owned(),
                        n => td_string!(locale, imports.empty_plural, count = grouped(locale, n.into())),
                    }}
                </Button>
            </div>
        })}
    }
    .into_any()
}
