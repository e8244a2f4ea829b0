//! Which rows are chosen, by pointer and by keyboard. The boxes are plain ones that a form sends by
//! itself; the living page reads them once, and from then on writes them.

use std::collections::BTreeSet;

use leptos::{
    ev::{KeyboardEvent, MouseEvent},
    prelude::*,
};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, HtmlInputElement};

use super::living::List;
use crate::ui::Debounce;

/// The id of the box that chooses all rows of the page.
pub const ALL: &str = "choose-all";

/// The id of a row's box.
pub fn box_id(row: &str) -> String {
    format!("choose-{row}")
}

/// The rows that are chosen. What is shown of them follows once the box itself has been painted.
#[derive(Clone, Copy)]
pub struct Choosing {
    chosen: StoredValue<BTreeSet<String>>,
    /// Told whenever they are others.
    changed: RwSignal<()>,
    painted: Debounce,
    range: StoredValue<Range>,
}

/// What the next range depends on.
#[derive(Debug, Clone, Default)]
struct Range {
    /// Where it begins.
    from: Option<String>,
    /// Where the last one ended.
    to: Option<String>,
    /// Shift was down as the space bar went down: the click that follows does not always know.
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

    /// Chooses none. A page that is gone has nothing to clear.
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

    /// Keeps the boxes and the choice the same, whatever rows come and go.
    pub fn keep(self, list: List) {
        // An effect, which no page that is only rendered has.
        Effect::new(|_| on_cleanup(|| mark_document(false)));
        Effect::new(move |alive: Option<()>| {
            let ids = list.ids();
            if alive.is_none() {
                let ticked = ids
                    .iter()
                    .filter(|id| input(&box_id(id)).is_some_and(|it| it.checked()));
                self.take(ticked.cloned().collect::<Vec<_>>(), true);
            }
            // Who is not shown any more is not acted on unseen.
            let before = self.count();
            self.chosen
                .update_value(|chosen| chosen.retain(|id| ids.contains(id)));
            let chosen = self.chosen.get_value();
            if chosen.len() != before {
                self.tell();
            }
            mark_document(!chosen.is_empty());
            // The rows themselves may be written by this very change, after this.
            // So may more boxes have been ticked: what is chosen by then counts.
            request_animation_frame(move || {
                let _ = self
                    .chosen
                    .try_with_value(|chosen| write_boxes(&ids, chosen));
            });
        });
    }

    /// A click anywhere in the table.
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
            // The whole range becomes what its beginning is.
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

    /// A key, while the focus is in the table or on what acts on its rows.
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
            // It would send the form; a row's own meaning of it is to be opened.
            "Enter" if target.tag_name() == "INPUT" => {
                event.prevent_default();
                open(&target);
            }
            _ => {}
        }
    }

    /// To the box of the next row; with Shift the rows between are chosen.
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
            // A row that has just gone takes no focus, and none is lost.
            let _ = control.focus();
        }
        let Some(current) = at.and_then(|at| ids.get(at)) else {
            return;
        };
        if !event.shift_key() {
            return;
        }
        // A range that goes on is drawn anew from where it began; else one begins here.
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

/// The rows from one to another, both included, whichever comes first.
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

/// The bar of actions covers what is below it: the document gives way, and shows the bar, by this class.
fn mark_document(choosing: bool) {
    if let Some(html) = document().document_element() {
        // It only fails for a class with a space in it.
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

/// The row that an element stands in, by the value of its box.
fn row_of(element: &Element) -> Option<String> {
    let row = element.closest("tbody tr").ok().flatten()?;
    let control = row
        .query_selector("input[type='checkbox']")
        .ok()
        .flatten()?;
    Some(control.dyn_into::<HtmlInputElement>().ok()?.value())
}

/// Opens the page of the row that an element stands in.
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

/// Gives the focus back to the table, after what acted on its rows is gone.
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
