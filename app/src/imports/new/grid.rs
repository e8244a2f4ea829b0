//! The grid of invalid rows: cells are edited in place and validated immediately, proposals are used by a click, rows
//! are skipped or included again. Rows stay in place until others are requested.

use i18n::*;
use leptos::{ev::MouseEvent, prelude::*};
use muster::import::Column;

use super::{
    super::checking::{Ask, Filter, GridRow},
    grid_row::Line,
    importing::Importing,
};
use crate::ui::{Button, Column as Head, DataTable, Debounce, EmptyState, Icon, IconName};

/// Number of rows that are rendered at a time. Rendering all of them at once would block the page for more than 50 ms.
const ROWS_A_TASK: usize = 8;

#[component]
pub fn Grid(importing: Importing) -> impl IntoView {
    let locale = use_locale();
    let nothing = Memo::new(move |_| importing.shown.with(|it| it.rows.is_empty()));
    let columns = Memo::new(move |_| shown_columns(importing));
    let numbers = made_in_turn(importing);
    view! {
        <div class="import-grid" hidden=move || nothing.get()>
            {move || {
                let columns = columns.get();
                let heads = heads(&columns);
                view! {
                    <DataTable
                        label=td_string!(locale, imports.grid)
                        columns=heads
                        foot=move || view! { <Foot importing/> }
                    >
                        <For
                            each=numbers
                            key=|number| *number
                            children={
                                let columns = columns.clone();
                                move |number| view! { <Line importing number columns=columns.clone()/> }
                            }
                        />
                    </DataTable>
                }
            }}
        </div>
        <Nothing importing nothing/>
    }
    .into_any()
}

/// Returns the numbers of the rows to show that have been rendered so far.
fn made_in_turn(importing: Importing) -> impl Fn() -> Vec<u32> + Copy {
    let numbers = Memo::new(move |_| {
        importing
            .shown
            .with(|it| it.rows.iter().map(|row| row.number).collect::<Vec<_>>())
    });
    // The rows, and how many of them are rendered.
    let made = RwSignal::new((Vec::new(), ROWS_A_TASK));
    let so_far =
        move |all: &Vec<u32>| made.with(|(of, made)| if of == all { *made } else { ROWS_A_TASK });
    let painted = Debounce::new();
    Effect::new(move |_| {
        let all = numbers.get();
        let so_far = so_far(&all);
        if so_far < all.len() {
            painted.after_paint(move || made.set((all, so_far + ROWS_A_TASK)));
        }
    });
    move || numbers.with(|all| all[..all.len().min(so_far(all))].to_vec())
}

/// Returns the editable columns: username, address, and every column with a problem. A column stays as long as the
/// file, so no cell disappears while it is edited.
fn shown_columns(importing: Importing) -> Vec<Column> {
    let wrong: Vec<Column> = importing.progress.with(|progress| {
        progress.as_ref().map_or_else(Vec::new, |progress| {
            let kinds = progress.counts.kinds.iter();
            kinds.filter_map(|kind| kind.kind.column).collect()
        })
    });
    let mapped: Vec<Column> = importing
        .shown
        .with(|it| {
            it.rows
                .first()
                .map(|row| row.cells.iter().map(|(column, _)| *column).collect())
        })
        .unwrap_or_default();
    let is_shown = |column: &Column| {
        matches!(column, Column::Username | Column::Email) || wrong.contains(column)
    };
    mapped.into_iter().filter(is_shown).collect()
}

fn heads(columns: &[Column]) -> Vec<Head> {
    let locale = use_locale();
    let words = use_import_words();
    let mut heads = vec![
        Head::new(td_string!(locale, imports.row)).narrow(),
        Head::new(td_string!(locale, imports.person)),
    ];
    heads.extend(
        columns
            .iter()
            .map(|column| Head::new(words.column(*column))),
    );
    heads.push(Head::new(td_string!(locale, imports.what_is_wrong)));
    heads.push(Head::new(td_string!(locale, imports.proposal)));
    heads.push(
        Head::new(td_string!(locale, imports.leave_out))
            .hidden_title()
            .narrow(),
    );
    heads
}

/// Returns a row of those shown.
pub fn row_of(importing: Importing, number: u32) -> Memo<Option<GridRow>> {
    Memo::new(move |_| {
        importing
            .shown
            .with(|it| it.rows.iter().find(|row| row.number == number).cloned())
    })
}

/// The range of rows, the buttons for other pages, and the download.
#[component]
fn Foot(importing: Importing) -> impl IntoView {
    let locale = use_locale();
    let place = Memo::new(move |_| {
        importing.shown.with(|it| {
            let rows = u32::try_from(it.rows.len()).unwrap_or(u32::MAX);
            (it.from, rows, it.of)
        })
    });
    let turn = move |ask: Ask| Callback::new(move |_: MouseEvent| importing.ask(ask.clone()));
    let wrong = move || importing.counts.with(|it| it.wrong - it.beyond);
    view! {
        <span class="grow">
            {move || {
                let (from, rows, of) = place.get();
                td_string!(
                    locale,
                    imports.range,
                    first = grouped(locale, i64::from(from) + 1),
                    last = grouped(locale, i64::from(from) + i64::from(rows)),
                    total = grouped(locale, of.into())
                )
            }}
        </span>
        <span hidden=move || wrong() == 0>
            <Button
                icon=IconName::Download
                on_click=Callback::new(move |_: MouseEvent| importing.save())
            >
                {move || match wrong() {
                    1 => td_string!(locale, imports.download_singular).to_owned(),
                    n => td_string!(locale, imports.download_plural, count = grouped(locale, n.into())),
                }}
            </Button>
        </span>
        <Button
            disabled=Signal::derive(move || importing.shown.with(|it| !it.more_before))
            on_click=turn(Ask::Previous)
        >
            <Icon name=IconName::ChevronLeft/>
            {td!(locale, imports.previous)}
        </Button>
        <Button
            disabled=Signal::derive(move || importing.shown.with(|it| !it.more_behind))
            on_click=turn(Ask::Next)
        >
            {td!(locale, imports.next)}
            <Icon name=IconName::ChevronRight/>
        </Button>
    }
    .into_any()
}

/// The message if no row matches the filter.
#[component]
fn Nothing(importing: Importing, nothing: Memo<bool>) -> impl IntoView {
    let locale = use_locale();
    let all_ready = move || {
        importing.counts.with(|it| it.wrong == 0 && it.ready > 0)
            && importing.stop().is_none()
            && importing.shown.with(|it| it.filter == Filter::Wrong)
    };
    view! {
        <div class="card" hidden=move || !nothing.get() || !all_ready()>
            <EmptyState
                icon=IconName::CircleCheck
                title=td_string!(locale, imports.ready_title)
                text=td_string!(locale, imports.ready_text)
            />
        </div>
    }
    .into_any()
}
