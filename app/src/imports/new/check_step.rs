//! The third step: how far the check is, what it found, and what can be done about it at once.

use leptos::{ev::MouseEvent, prelude::*};

use super::{
    super::{
        checking::{Ask, Filter, KindCount, MOST_KEPT, Progress},
        steps::Step,
        words::use_import_words,
    },
    grid::Grid,
    importing::Importing,
};
use crate::{
    i18n::*,
    language::use_locale,
    ui::{Banner, BannerKind, Button, ButtonKind, IconName},
    words::grouped,
};

#[component]
pub fn CheckStep(importing: Importing) -> impl IntoView {
    let locale = use_locale();
    let words = use_import_words();
    let done = Memo::new(move |_| {
        importing
            .progress
            .with(|progress| progress.as_ref().is_some_and(|it| it.done))
    });
    let stop = move || {
        importing
            .progress
            .with(|progress| progress.as_ref().and_then(|it| it.stop))
    };
    let count = move |count: u32| grouped(locale, count.into());
    // Spoken once, when all is known, and after each change.
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
            <h2 id="todo" tabindex="-1">
                {move || importing.counts.with(|counts| match counts.wrong {
                    0 => td_string!(locale, imports.all_ready).to_owned(),
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
        <div hidden=move || !done.get()>
            <Kinds importing/>
            <Grid importing/>
        </div>
        <div class="actions start">
            <Button
                icon=IconName::ArrowLeft
                on_click=Callback::new(move |_: MouseEvent| importing.step.set(Step::Columns))
            >
                {td!(locale, imports.back_to_columns)}
            </Button>
        </div>
    }
    .into_any()
}

/// The figures, and how far it is.
#[component]
fn Stats(importing: Importing) -> impl IntoView {
    let locale = use_locale();
    let counts = importing.counts;
    let figure = move |of: fn(&crate::imports::checking::Counts) -> u32| {
        move || counts.with(|counts| grouped(locale, of(counts).into()))
    };
    let read = move |of: &dyn Fn(&Progress) -> String| {
        importing
            .progress
            .with(|progress| progress.as_ref().map_or_else(|| "–".to_owned(), of))
    };
    let seconds = move || read(&|it| tenths(locale, it.milliseconds));
    let rate = move || {
        read(&|it| {
            td_string!(
                locale,
                imports.rate,
                count = grouped(locale, a_second(it.counts.rows, it.milliseconds))
            )
        })
    };
    let share = Memo::new(move |_| {
        let size = importing
            .about
            .with(|about| about.as_ref().map_or(0, |about| about.size));
        importing.progress.with(|progress| match progress {
            Some(progress) if !progress.done => progress.bytes * 100 / size.max(1),
            Some(_) => 100,
            None => 0,
        })
    });
    view! {
        <div class="card stats">
            <div><strong>{figure(|it| it.rows)}</strong><span>{td!(locale, imports.rows_checked)}</span></div>
            <div class="ready"><strong>{figure(|it| it.ready)}</strong><span>{td!(locale, imports.ready)}</span></div>
            <div class="wrong" class:none=move || counts.with(|it| it.wrong == 0)>
                <strong>{figure(|it| it.wrong)}</strong>
                <span>{td!(locale, imports.need_attention)}</span>
            </div>
            <div><strong>{seconds}</strong><span>{rate}</span></div>
            <div class="how-far">
                <progress
                    max="100"
                    value=move || share.get().to_string()
                    aria-label=td_string!(locale, imports.progress)
                ></progress>
                <span>
                    {move || match share.get() {
                        100 => td_string!(locale, imports.done).to_owned(),
                        share => td_string!(locale, imports.percent, share = share),
                    }}
                </span>
            </div>
        </div>
    }
    .into_any()
}

/// `0.6 s`, or `25 ms` of a small file.
fn tenths(locale: Locale, milliseconds: f64) -> String {
    let text = if milliseconds < 100.0 {
        format!("{milliseconds:.0} ms")
    } else {
        format!("{:.1} s", milliseconds / 1000.0)
    };
    match locale {
        Locale::en => text,
        Locale::de => text.replace('.', ","),
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "rows a second are far below what an i64 holds"
)]
fn a_second(rows: u32, milliseconds: f64) -> i64 {
    (f64::from(rows) * 1000.0 / milliseconds.max(1.0)).round() as i64
}

/// What can be done to all of them, and the way on.
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
                on_click=Callback::new(move |_: MouseEvent| importing.ask(Ask::ProposeAll))
            >
                {move || counts.with(|it| match it.proposable {
                    1 => td_string!(locale, imports.propose_singular).to_owned(),
                    n => td_string!(locale, imports.propose_plural, count = count(n)),
                })}
            </Button>
        </div>
        <div hidden=move || counts.with(|it| it.wrong == it.beyond)>
            <Button on_click=Callback::new(move |_: MouseEvent| importing.ask(Ask::LeaveRestOut))>
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
            on_click=Callback::new(move |_: MouseEvent| importing.ask(Ask::Mended))
        >
            {move || counts.with(|it| match it.ready {
                1 => td_string!(locale, imports.upload_singular).to_owned(),
                n => td_string!(locale, imports.upload_plural, count = count(n)),
            })}
        </Button>
    }
    .into_any()
}

/// How much of the file is uploaded.
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

/// What is wrong, by its kinds: each shows its rows.
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
    let chip = move |own: Filter, word: String, rows: u32| {
        let (shows, is_on) = (own.clone(), own);
        view! {
            <button
                type="button"
                aria-pressed=move || (filter.get() == is_on).to_string()
                on:click=move |_| importing.show(shows.clone(), 0)
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
            hidden=move || kinds.with(Vec::is_empty) && others.get() == (0, 0, 0)
        >
            {move || chip(Filter::Wrong, td_string!(locale, imports.all_wrong).to_owned(), others.get().0)}
            {move || {
                kinds
                    .get()
                    .into_iter()
                    .map(|KindCount { kind, rows }| {
                        let word = words.kind(&kind);
                        chip(Filter::Of(kind), word, rows)
                    })
                    .collect_view()
            }}
            {move || (others.get().1 > 0).then(|| {
                chip(Filter::LeftOut, td_string!(locale, imports.left_out).to_owned(), others.get().1)
            })}
            {move || (others.get().2 > 0).then(|| {
                chip(Filter::Mended, td_string!(locale, imports.mended).to_owned(), others.get().2)
            })}
        </div>
    }
    .into_any()
}
