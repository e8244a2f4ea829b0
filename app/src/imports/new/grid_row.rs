//! One row of the grid.

use std::time::Duration;

use i18n::*;
use leptos::{
    ev::{KeyboardEvent, MouseEvent},
    html,
    prelude::*,
};
use muster::import::Column;
use wasm_bindgen::JsCast;

use super::{
    super::checking::{Ask, RowState},
    focus,
    grid::row_of,
    importing::Importing,
};
use crate::ui::{Button, ButtonKind, Chip, ChipKind, Debounce, Icon, IconName};

/// Delay before an edited cell is validated; leaving the cell validates it immediately.
const PAUSE: Duration = Duration::from_millis(250);
/// Maximum length of text that fits a cell, in characters; longer text is shown in a tooltip.
const FITS: usize = 22;

#[component]
pub fn Line(importing: Importing, number: u32, columns: Vec<Column>) -> impl IntoView {
    let locale = use_locale();
    let words = use_import_words();
    let row = row_of(importing, number);
    let state = Memo::new(move |_| row.with(|row| row.as_ref().map(|row| row.state)));
    let name = Memo::new(move |_| {
        row.with(|row| row.as_ref().map(|row| row.name.clone()))
            .unwrap_or_default()
    });
    let shown_number = grouped(locale, number.into());
    let line = row.with_untracked(|row| row.as_ref().map_or(0, |row| row.line));
    let line = td_string!(
        locale,
        imports.line,
        line = grouped(locale, i64::try_from(line).unwrap_or(i64::MAX))
    );
    let cells = columns
        .into_iter()
        .map(|column| view! { <Cell importing number column/> })
        .collect_view();
    let wrong = move || match state.get() {
        Some(RowState::Mended) => view! {
            <Chip kind=ChipKind::Active>{td!(locale, imports.ready)}</Chip>
        }
        .into_any(),
        Some(RowState::LeftOut) => view! {
            <Chip kind=ChipKind::Off icon=IconName::Minus>{td!(locale, imports.left_out)}</Chip>
        }
        .into_any(),
        _ => {
            let sentences = row.with(|row| {
                row.as_ref().map_or_else(Vec::new, |row| {
                    let fault = row.fault.as_ref().map(|fault| words.fault(fault));
                    let problems = row.problems.iter().map(|it| words.problem(it));
                    fault.into_iter().chain(problems).collect()
                })
            });
            sentences
                .into_iter()
                .map(|sentence| view! {
                    <span class="err"><Icon name=IconName::TriangleAlert/><span>{sentence}</span></span>
                })
                .collect_view()
                .into_any()
        }
    };
    let proposal = Memo::new(move |_| row.with(|row| row.as_ref()?.proposal.clone()));
    let is_out = move || state.get() == Some(RowState::LeftOut);
    let out_label = Signal::derive(move || {
        if is_out() {
            td_string!(
                locale,
                imports.take_in_row,
                row = grouped(locale, number.into())
            )
        } else {
            td_string!(
                locale,
                imports.leave_out_row,
                row = grouped(locale, number.into())
            )
        }
    });
    view! {
        <tr
            class:is-out=is_out
            class:is-mended=move || state.get() == Some(RowState::Mended)
        >
            <td class="muted number" title=line>{shown_number}</td>
            <th scope="row" class="person">{move || name.get()}</th>
            {cells}
            <td class="what" id=format!("wrong-{number}")>{wrong}</td>
            <td class="proposal">
                {move || proposal.get().map(|username| {
                    let label = td_string!(locale, imports.take_proposal, username = username.clone(), row = grouped(locale, number.into()));
                    view! {
                    <Button
                        icon=IconName::WandSparkles
                        disabled=importing.upload.pending
                        attr:aria-label=label
                        on_click=Callback::new(move |_: MouseEvent| {
                            importing.ask(Ask::Propose { row: number });
                            // The button disappears, so the focus moves to the cell that it filled.
                            focus(&cell_id(number, Column::Username));
                        })
                    >
                        <span class="mono">{username}</span>
                    </Button>
                }})}
            </td>
            <td class="narrow out">
                <Button
                    kind=ButtonKind::Ghost
                    label=out_label
                    disabled=importing.upload.pending
                    on_click=Callback::new(move |_: MouseEvent| {
                        importing.ask(Ask::LeaveOut { row: number, out: !untrack(is_out) });
                    })
                >
                    {move || {
                        let icon = if is_out() { IconName::Undo2 } else { IconName::X };
                        view! { <Icon name=icon/> }
                    }}
                </Button>
            </td>
        </tr>
    }
    .into_any()
}

fn cell_id(number: u32, column: Column) -> String {
    format!("cell-{number}-{}", column.code())
}

/// A cell that is edited in place.
#[component]
fn Cell(importing: Importing, number: u32, column: Column) -> impl IntoView {
    let locale = use_locale();
    let words = use_import_words();
    let row = row_of(importing, number);
    let text = Memo::new(move |_| {
        row.with(|row| {
            let cells = &row.as_ref()?.cells;
            cells
                .iter()
                .find(|(own, _)| *own == column)
                .map(|(_, text)| text.clone())
        })
        .unwrap_or_default()
    });
    let is_bad = Memo::new(move |_| {
        row.with(|row| {
            row.as_ref().is_some_and(|row| {
                row.state == RowState::Wrong && row.problems.iter().any(|it| it.column == column)
            })
        })
    });
    let fixed = Memo::new(move |_| {
        row.with(|row| {
            row.as_ref()
                .is_none_or(|row| row.fault.is_some() || row.state == RowState::LeftOut)
        }) || importing.upload.pending.get()
    });
    let node = NodeRef::<html::Input>::new();
    let sent = StoredValue::new(text.get_untracked());
    // An answer never replaces what is being typed.
    Effect::new(move |_| {
        let text = text.get();
        let Some(input) = node.get() else { return };
        let typing = document()
            .active_element()
            .is_some_and(|active| active.id() == input.id());
        let typed_meanwhile = typing && input.value() != sent.get_value();
        sent.set_value(text.clone());
        if !typed_meanwhile && input.value() != text {
            input.set_value(&text);
        }
    });
    let waiting = Debounce::of(PAUSE);
    let send = move || {
        let Some(typed) = node.get_untracked().map(|input| input.value()) else {
            return;
        };
        if typed != sent.get_value() {
            sent.set_value(typed.clone());
            importing.ask(Ask::Edit {
                row: number,
                column,
                text: typed,
            });
        }
    };
    let key = move |event: KeyboardEvent| {
        if event.key() == "Enter" {
            event.prevent_default();
            waiting.cancel();
            send();
            focus_next_bad(&cell_id(number, column));
        }
    };
    view! {
        <td class="cell" class:bad=move || is_bad.get() data-label=words.column(column)>
            <input
                node_ref=node
                id=cell_id(number, column)
                value=text.get_untracked()
                title=move || text.with(|text| (text.chars().count() > FITS).then(|| text.clone()))
                aria-label=td_string!(locale, imports.cell_of, column = words.column(column), row = grouped(locale, number.into()))
                aria-invalid=move || is_bad.get().then_some("true")
                aria-describedby=move || is_bad.get().then(|| format!("wrong-{number}"))
                readonly=move || fixed.get()
                autocomplete="off"
                autocapitalize="none"
                spellcheck="false"
                on:input=move |_| waiting.after_pause(send)
                on:change=move |_| {
                    waiting.cancel();
                    send();
                }
                on:keydown=key
            />
        </td>
    }
    .into_any()
}

/// Moves the focus to the next cell with a problem, on Enter.
fn focus_next_bad(after: &str) {
    let Ok(cells) = document().query_selector_all(".import-grid td.cell input") else {
        return;
    };
    let mut behind = false;
    for place in 0..cells.length() {
        let Some(cell) = cells
            .get(place)
            .and_then(|cell| cell.dyn_into::<web_sys::HtmlElement>().ok())
        else {
            continue;
        };
        if cell.id() == after {
            behind = true;
        } else if behind && cell.get_attribute("aria-invalid").is_some() {
            let _ = cell.focus();
            return;
        }
    }
}
