//! The search from anywhere: a field in the top bar that opens a dialog by a click, by `/` (which can be
//! switched off) or by Ctrl/Cmd+K. Without script the same place is the search of the list of users.
//!
//! The dialog is a popover, not a modal `<dialog>`: that one makes the page behind it inert, for which a browser styles
//! every element of a list of people anew, when it opens and when it closes. So that nothing behind it can be used all
//! the same, a veil takes the clicks and the focus goes round in it.

use leptos::{
    ev::{self, KeyboardEvent, MouseEvent},
    html,
    prelude::*,
};
use muster::permission::Permission;
use wasm_bindgen::JsCast;

use super::{
    palette_key::{SlashKey, SlashSwitch},
    palette_list::PaletteList,
    palette_search::{Search, option_id},
    view::ShellView,
};
use crate::{
    i18n::*,
    language::use_locale,
    ui::{Icon, IconName},
};

const INPUT: &str = "palette-input";
const LIST: &str = "palette-list";

/// The place in the top bar, and the dialog that it opens.
#[component]
pub fn Palette(view: ShellView) -> impl IntoView {
    let locale = use_locale();
    let may_search = view.permissions.contains(Permission::ViewUsers);
    let users = format!("/i/{}/users", view.institution.slug);
    let search = Search::new(view);
    let slash = SlashKey::new();
    let dialog = NodeRef::<html::Div>::new();
    let plain = NodeRef::<html::Input>::new();
    let alive = RwSignal::new(false);
    let open = move || {
        if let Some(dialog) = dialog.get_untracked() {
            // It only fails for one that is open already, or that left the page meanwhile.
            let _ = dialog.show_popover();
        }
    };
    Effect::new(move |_| {
        // Who typed before the page came alive goes on typing in the dialog.
        if let Some(field) = plain.get_untracked()
            && document().active_element().as_ref() == Some(field.as_ref())
        {
            search.type_in(field.value());
            open();
        }
        alive.set(true);
    });
    Effect::new(move |_| {
        let listener = window_event_listener(ev::keydown, move |event| {
            if opens(&event, slash) {
                event.prevent_default();
                open();
            }
        });
        on_cleanup(move || listener.remove());
    });
    view! {
        <form class="search-anywhere" method="get" action=users>
            {move || {
                if alive.get() {
                    view! {
                        <button
                            type="button"
                            class="find"
                            aria-haspopup="dialog"
                            aria-label=td_string!(locale, home.search_hint)
                            aria-keyshortcuts=move || {
                                if slash.is_on() { "/ Control+K Meta+K" } else { "Control+K Meta+K" }
                            }
                            on:click=move |_| open()
                        >
                            <Icon name=IconName::Search/>
                            <span>{td!(locale, home.search_hint)}</span>
                            <kbd aria-hidden="true" hidden=move || !slash.is_on()>"/"</kbd>
                        </button>
                    }
                    .into_any()
                } else if may_search {
                    view! {
                        <div class="find">
                            <button type="submit" aria-label=td_string!(locale, home.search)>
                                <Icon name=IconName::Search/>
                            </button>
                            <input
                                node_ref=plain
                                type="search"
                                name="q"
                                aria-label=td_string!(locale, home.search)
                                placeholder=td_string!(locale, home.search_hint)
                            />
                        </div>
                    }
                    .into_any()
                } else {
                    ().into_any()
                }
            }}
        </form>
        <PaletteDialog search dialog slash/>
    }
}

/// Whether the keys open the search: `/` where nobody is typing, Ctrl/Cmd+K anywhere; not while
/// another dialog is open.
fn opens(event: &KeyboardEvent, slash: SlashKey) -> bool {
    let command = (event.ctrl_key() || event.meta_key())
        && !event.alt_key()
        && event.key().eq_ignore_ascii_case("k");
    let alone = event.key() == "/"
        && untrack(|| slash.is_on())
        && !event.ctrl_key()
        && !event.meta_key()
        && !event.alt_key();
    let within = |selector: &str| {
        event
            .target()
            .and_then(|target| target.dyn_into::<web_sys::Element>().ok())
            .is_some_and(|element| element.closest(selector).ok().flatten().is_some())
    };
    let free = || {
        matches!(
            document().query_selector("dialog[open], .palette:popover-open"),
            Ok(None)
        ) && !event.default_prevented()
            && !event.repeat()
    };
    (command || (alone && !within("input, textarea, select, [contenteditable]"))) && free()
}

#[component]
fn PaletteDialog(search: Search, dialog: NodeRef<html::Div>, slash: SlashKey) -> impl IntoView {
    let locale = use_locale();
    let close = move || {
        if let Some(dialog) = dialog.get_untracked() {
            // It may have closed by itself meanwhile: then there is nothing left to do.
            let _ = dialog.hide_popover();
        }
    };
    let is_open = move || {
        dialog
            .get_untracked()
            .is_some_and(|dialog| dialog.matches(":popover-open").unwrap_or(false))
    };
    // The focus can still be led out of it, by what is not of the page: then it has been left.
    Effect::new(move |_| {
        let listener = window_event_listener(ev::focusin, move |event| {
            if let Some(dialog) = dialog.get_untracked()
                && let Some(target) = event.target()
                && !dialog.contains(target.dyn_ref())
                && is_open()
            {
                close();
            }
        });
        on_cleanup(move || listener.remove());
    });
    // A choice leads away: the focus goes to what it leads to, not back to where it came from.
    let chosen = move |event: &MouseEvent| {
        let link = event
            .target()
            .and_then(|target| target.dyn_into::<web_sys::Element>().ok())
            .and_then(|target| target.closest("a").ok().flatten());
        if link.is_none() {
            return;
        }
        // In a window of its own: this one stays as it is.
        if event.ctrl_key() || event.meta_key() || event.shift_key() {
            return;
        }
        close();
        if let Some(main) = document().get_element_by_id("main")
            && let Some(main) = main.dyn_ref::<web_sys::HtmlElement>()
        {
            let _ = main.focus();
        }
    };
    let press = move |event: KeyboardEvent| match event.key().as_str() {
        "ArrowDown" => {
            event.prevent_default();
            search.step(1);
        }
        "ArrowUp" => {
            event.prevent_default();
            search.step(-1);
        }
        // Not the Enter that ends a composed character.
        "Enter" if !event.is_composing() => {
            event.prevent_default();
            search.catch_up();
            // What was typed last may not be on the page before the next frame.
            request_animation_frame(move || {
                if let Some(key) = search.active.get_untracked()
                    && let Some(option) = document().get_element_by_id(&option_id(&key))
                    && let Some(option) = option.dyn_ref::<web_sys::HtmlElement>()
                {
                    option.click();
                }
            });
        }
        _ => {}
    };
    view! {
        <div
            node_ref=dialog
            class="palette"
            popover="auto"
            role="dialog"
            aria-modal="true"
            aria-label=td_string!(locale, home.search)
            on:toggle=move |_| {
                if !is_open() {
                    search.type_in(String::new());
                }
            }
            on:click=move |event| chosen(&event)
            on:keydown=move |event| {
                if let Some(dialog) = dialog.get_untracked() {
                    go_round(&dialog, &event);
                }
            }
        >
            // Pressed, it would take the focus, which could not return then.
            <div
                class="palette-veil"
                on:mousedown=|event| event.prevent_default()
                on:click=move |_| close()
            ></div>
            <div class="palette-box">
                <div class="palette-field">
                    <Icon name=IconName::Search/>
                    <input
                        id=INPUT
                        type="text"
                        role="combobox"
                        autofocus=true
                        autocomplete="off"
                        autocapitalize="none"
                        spellcheck="false"
                        enterkeyhint="go"
                        aria-label=td_string!(locale, home.search)
                        aria-autocomplete="list"
                        aria-expanded="true"
                        aria-controls=LIST
                        aria-activedescendant=move || search.active.get().map(|key| option_id(&key))
                        placeholder=td_string!(locale, home.search_placeholder)
                        prop:value=move || search.typed.get()
                        on:input=move |event| search.type_in(event_target_value(&event))
                        on:keydown=press
                    />
                    <button
                        type="button"
                        class="btn ghost square"
                        aria-label=td_string!(locale, common.close)
                        on:click=move |_| close()
                    >
                        <Icon name=IconName::X/>
                    </button>
                </div>
                <PaletteList id=LIST search/>
                <div class="palette-keys">
                    <span aria-hidden="true"><kbd>"↑"</kbd><kbd>"↓"</kbd>{td!(locale, home.search_keys_move)}</span>
                    <span aria-hidden="true"><kbd>"↵"</kbd>{td!(locale, home.search_keys_open)}</span>
                    <span aria-hidden="true"><kbd>"Esc"</kbd>{td!(locale, home.search_keys_close)}</span>
                    <SlashSwitch slash/>
                </div>
            </div>
        </div>
    }
}

/// From the last thing that can be used Tab leads to the first one, and back.
fn go_round(dialog: &web_sys::HtmlElement, event: &KeyboardEvent) {
    let Ok(all) = dialog.query_selector_all("input, button") else {
        return;
    };
    let mut seen = (0..all.length())
        .filter_map(|place| all.get(place)?.dyn_into::<web_sys::HtmlElement>().ok())
        // Some of them are not shown on a phone.
        .filter(|one| one.offset_parent().is_some());
    let (first, last) = (seen.next(), seen.next_back());
    let (from, to) = if event.shift_key() {
        (first, last)
    } else {
        (last, first)
    };
    if event.key() == "Tab"
        && let (Some(from), Some(to)) = (from, to)
        && document().active_element().as_ref() == Some(from.as_ref())
    {
        event.prevent_default();
        let _ = to.focus();
    }
}
