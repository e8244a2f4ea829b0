//! The selection of rows, by pointer and by keyboard. The check boxes are ordinary form fields. The hydrated page reads
//! them once and then controls them.

use std::collections::BTreeSet;

use leptos::{
    ev::{KeyboardEvent, MouseEvent},
    prelude::*,
};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, HtmlInputElement};

use super::living::List;
use crate::ui::Debounce;

/// The id of the check box that selects all rows of the page.
pub const ALL: &str = "choose-all";

/// Returns the id of a row's check box.
pub fn box_id(row: &str) -> String {
    format!("choose-{row}")
}

/// The selected rows. The rest of the page follows after the check box has been painted.
#[derive(Clone, Copy)]
pub struct Choosing {
    chosen: StoredValue<BTreeSet<String>>,
    /// Notified of every change.
    changed: RwSignal<()>,
    painted: Debounce,
    range: StoredValue<Range>,
}

/// The state that the next range depends on.
#[derive(Debug, Clone, Default)]
struct Range {
    /// The beginning of the range.
    from: Option<String>,
    /// The end of the last range.
    to: Option<String>,
    /// Whether Shift was held when the space bar was pressed; the resulting click does not always report it.
    shift: bool,
}

impl Choosing {
    pub fn new() -> Self {
        Self {
            chosen: StoredValue::new(BTreeSet::new()),
            changed: RwSignal::new(()),
            painted: Debounce::new(),
            range: StoredValue::new(Range::default()),
        }
    }

    pub fn count(self) -> usize {
        self.changed.track();
        self.chosen.with_value(BTreeSet::len)
    }

    pub fn has(self, id: &str) -> bool {
        self.changed.track();
        self.chosen.with_value(|chosen| chosen.contains(id))
    }

    fn tell(self) {
        self.painted.after_paint(move || self.changed.notify());
    }

    /// Clears the selection. Does nothing after the page was closed.
    pub fn clear(self) {
        let _ = self.chosen.try_set_value(BTreeSet::new());
        let _ = self.range.try_set_value(Range::default());
        self.tell();
    }

    fn take(self, ids: impl IntoIterator<Item = String>, chosen: bool) {
        self.chosen.update_value(|all| {
            for id in ids {
                if chosen {
                    all.insert(id);
                } else {
                    all.remove(&id);
                }
            }
        });
        self.tell();
    }

    /// Keeps the check boxes and the selection in sync while rows change.
    pub fn keep(self, list: List) {
        // An effect, so that it does not run during rendering on the server.
        Effect::new(|_| on_cleanup(|| mark_document(false)));
        Effect::new(move |alive: Option<()>| {
            let ids = list.ids();
            if alive.is_none() {
                let ticked = ids
                    .iter()
                    .filter(|id| input(&box_id(id)).is_some_and(|it| it.checked()));
                self.take(ticked.cloned().collect::<Vec<_>>(), true);
            }
            // Rows that are no longer shown are deselected, so that no action applies to invisible rows.
            let before = self.count();
            self.chosen
                .update_value(|chosen| chosen.retain(|id| ids.contains(id)));
            let chosen = self.chosen.get_value();
            if chosen.len() != before {
                self.tell();
            }
            mark_document(!chosen.is_empty());
            // The rows may be rendered after this, by the same change, and more boxes may be checked by then.
            request_animation_frame(move || {
                let _ = self
                    .chosen
                    .try_with_value(|chosen| write_boxes(&ids, chosen));
            });
        });
    }

    /// Handles a click in the table.
    pub fn clicked(self, event: &MouseEvent, list: List) {
        let Some(target) = event.target().and_then(|it| it.dyn_into().ok()) else {
            return;
        };
        let ticked: HtmlInputElement = target;
        let on = ticked.checked();
        if ticked.id() == ALL {
            self.take(untrack(|| list.ids()), on);
            return;
        }
        let Some(row) = row_of(&ticked) else { return };
        let Range { from, shift, .. } = self.range.get_value();
        match from.filter(|_| shift || event.shift_key()) {
            // The whole range gets the state of its beginning.
            Some(from) => {
                let range = between(&untrack(|| list.ids()), &from, &row);
                self.take(range, untrack(|| self.has(&from)));
            }
            None => self.take([row.clone()], on),
        }
        self.range.set_value(Range {
            from: Some(row.clone()),
            to: Some(row),
            shift: false,
        });
    }

    /// Handles a key while the focus is in the table or on its actions.
    pub fn key(self, event: &KeyboardEvent, list: List) {
        let Some(target) = event
            .target()
            .and_then(|it| it.dyn_into::<HtmlElement>().ok())
        else {
            return;
        };
        let key = event.key();
        if key == "Escape" {
            if untrack(|| self.count()) > 0 {
                event.prevent_default();
                self.clear();
            }
            return;
        }
        let in_table = matches!(target.closest("table"), Ok(Some(_)));
        if !in_table || event.alt_key() {
            return;
        }
        if event.ctrl_key() || event.meta_key() {
            if key.eq_ignore_ascii_case("a") {
                event.prevent_default();
                self.take(untrack(|| list.ids()), true);
            }
            return;
        }
        match key.as_str() {
            "ArrowDown" | "j" | "J" => self.step(event, &target, list, 1),
            "ArrowUp" | "k" | "K" => self.step(event, &target, list, -1),
            " " => self
                .range
                .update_value(|range| range.shift = event.shift_key()),
            // Enter would submit the form; on a row it opens the row.
            "Enter" if target.tag_name() == "INPUT" => {
                event.prevent_default();
                open(&target);
            }
            _ => {}
        }
    }

    /// Moves the focus to the next check box; with Shift, the rows between are selected.
    fn step(self, event: &KeyboardEvent, target: &HtmlElement, list: List, by: isize) {
        event.prevent_default();
        let ids = untrack(|| list.ids());
        let at = row_of(target).and_then(|id| ids.iter().position(|it| *it == id));
        let next = match at {
            Some(at) => at.saturating_add_signed(by),
            None => 0,
        };
        let Some(next) = ids.get(next) else { return };
        if let Some(control) = input(&box_id(next)) {
            // If the row has just disappeared, the focus stays.
            let _ = control.focus();
        }
        let Some(current) = at.and_then(|at| ids.get(at)) else {
            return;
        };
        if !event.shift_key() {
            return;
        }
        // A continued range keeps its beginning; otherwise a new one starts here.
        let Range { from, to, .. } = self.range.get_value();
        let from = match (from, to) {
            (Some(from), Some(to)) if to == *current => {
                self.take(between(&ids, &from, &to), false);
                from
            }
            _ => current.clone(),
        };
        self.take(between(&ids, &from, next), true);
        self.range.set_value(Range {
            from: Some(from),
            to: Some(next.clone()),
            shift: false,
        });
    }
}

/// Returns the rows between two rows, both included, in either order.
fn between(ids: &[String], one: &str, other: &str) -> Vec<String> {
    let place = |wanted: &str| ids.iter().position(|id| id == wanted);
    let (Some(one), Some(other)) = (place(one), place(other)) else {
        return vec![other.to_owned()];
    };
    ids.get(one.min(other)..=one.max(other))
        .unwrap_or_default()
        .to_vec()
}

fn input(id: &str) -> Option<HtmlInputElement> {
    document()
        .get_element_by_id(id)
        .and_then(|found| found.dyn_into().ok())
}

/// Sets the class by which the document shows the selection bar and makes room for it.
fn mark_document(choosing: bool) {
    if let Some(html) = document().document_element() {
        // Fails only for a class with a space.
        let _ = html.class_list().toggle_with_force("choosing", choosing);
    }
}

fn write_boxes(ids: &[String], chosen: &BTreeSet<String>) {
    for id in ids {
        if let Some(control) = input(&box_id(id)) {
            control.set_checked(chosen.contains(id));
        }
    }
    if let Some(all) = input(ALL) {
        all.set_checked(!ids.is_empty() && chosen.len() == ids.len());
        all.set_indeterminate(!chosen.is_empty() && chosen.len() < ids.len());
    }
}

/// Returns the row that contains an element, by the value of its check box.
fn row_of(element: &Element) -> Option<String> {
    let row = element.closest("tbody tr").ok().flatten()?;
    let control = row
        .query_selector("input[type='checkbox']")
        .ok()
        .flatten()?;
    Some(control.dyn_into::<HtmlInputElement>().ok()?.value())
}

/// Opens the page of the row that contains an element.
fn open(element: &Element) {
    let link = element
        .closest("tbody tr")
        .ok()
        .flatten()
        .and_then(|row| row.query_selector("a.cover").ok().flatten());
    if let Some(link) = link.and_then(|link| link.dyn_into::<HtmlElement>().ok()) {
        link.click();
    }
}

/// Returns the focus to the table after the selection bar has closed.
pub fn focus_table() {
    request_animation_frame(|| {
        if let Some(all) = input(ALL) {
            let _ = all.focus();
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_the_same_from_both_ends_and_a_row_that_is_gone_begins_none() {
        let ids: Vec<String> = ["a", "b", "c", "d"].map(str::to_owned).to_vec();
        assert_eq!(between(&ids, "b", "d"), ["b", "c", "d"]);
        assert_eq!(between(&ids, "d", "b"), ["b", "c", "d"]);
        assert_eq!(between(&ids, "x", "b"), ["b"]);
    }
}
