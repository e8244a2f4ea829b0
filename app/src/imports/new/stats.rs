//! The statistics of a check: rows, valid and invalid rows, time, rate and progress.

use i18n::*;
use leptos::prelude::*;

use super::{
    super::checking::{Counts, Progress},
    importing::Importing,
    tenths_words,
};

/// Minimum duration for which a rate is shown, in milliseconds.
const MEASURABLE: u32 = 100;

/// The statistics and the progress.
#[component]
pub fn Stats(importing: Importing) -> impl IntoView {
    let locale = use_locale();
    let counts = importing.counts;
    let figure = move |of: fn(&Counts) -> u32| {
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
            if it.milliseconds < MEASURABLE {
                return td_string!(locale, imports.in_all).to_owned();
            }
            td_string!(
                locale,
                imports.rate,
                count = grouped(locale, a_second(it.counts.rows, it.milliseconds))
            )
        })
    };
    let ready = move || {
        counts.with(|it| match it.left_out {
            0 => td_string!(locale, imports.ready).to_owned(),
            out => td_string!(
                locale,
                imports.ready_and_left_out,
                count = grouped(locale, out.into())
            ),
        })
    };
    let share = Memo::new(move |_| {
        let size = importing
            .about
            .with(|about| about.as_ref().map_or(0, |about| about.size));
        importing.progress.with(|progress| match progress {
            Some(progress) if !progress.done || progress.stop.is_some() => {
                progress.bytes * 100 / size.max(1)
            }
            Some(_) => 100,
            None => 0,
        })
    });
    view! {
        <div class="card stats">
            <div><strong>{figure(|it| it.rows)}</strong><span>{td!(locale, imports.rows_checked)}</span></div>
            <div class="ready"><strong>{figure(|it| it.ready)}</strong><span>{ready}</span></div>
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
                        _ if importing.stop().is_some() => td_string!(locale, imports.ended_early).to_owned(),
                        100 => td_string!(locale, imports.done).to_owned(),
                        share => td_string!(locale, imports.percent, share = share),
                    }}
                </span>
            </div>
        </div>
    }
    .into_any()
}

/// Formats a duration as `0.6 s`, or as `25 ms` for a small file.
fn tenths(locale: Locale, milliseconds: u32) -> String {
    if milliseconds < MEASURABLE {
        return format!("{milliseconds} ms");
    }
    let tenths = milliseconds.saturating_add(50) / 100;
    format!("{} s", tenths_words(locale, tenths.into()))
}

fn a_second(rows: u32, milliseconds: u32) -> i64 {
    i64::from(rows) * 1000 / i64::from(milliseconds.max(1))
}
