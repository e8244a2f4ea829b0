//! The search palette: a field in the top bar that opens a dialog by a click, by `/` (which can be turned off) or by
//! Ctrl/Cmd+K. Without scripts the field searches the list of users.
//!
//! The dialog is a popover, not a modal `<dialog>`, which makes the page inert: browsers then restyle every element of
//! a long list when it opens and closes. An overlay takes the clicks instead, and the focus is kept inside.

use i18n::*;
use leptos::{
    ev::{self, KeyboardEvent, MouseEvent},
    html,
    prelude::*,
};
use muster::permission::Permission;
use rpc::shell::ShellView;
use wasm_bindgen::JsCast;

use super::{
    palette_key::{SlashKey, SlashSwitch},
    palette_list::PaletteList,
    palette_search::{Search, option_id},
};
use crate::ui::{Icon, IconName};

const INPUT: &str = "palette-input";
const LIST: &str = "palette-list";

/// The field in the top bar and its dialog.
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
            // Fails only if the dialog is already open or has left the page.
            let _ = dialog.show_popover();
        }
    };
    Effect::new(move |_| {
        // Input typed before hydration continues in the dialog.
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

/// Returns whether the key opens the search: `/` unless the person is typing, Ctrl/Cmd+K anywhere; never while another
/// dialog is open.
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
            // Fails if the dialog has already closed.
            let _ = dialog.hide_popover();
        }
    };
    let is_open = move || {
        dialog
            .get_untracked()
            .is_some_and(|dialog| dialog.matches(":popover-open").unwrap_or(false))
    };
    // The focus can still leave the dialog for the browser's UI, which closes it.
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
    // A choice navigates, so the focus goes to the new page, not back to the field.
    let chosen = move |event: &MouseEvent| {
        let link = event
            .target()
            .and_then(|target| target.dyn_into::<web_sys::Element>().ok())
            .and_then(|target| target.closest("a").ok().flatten());
        if link.is_none() {
            return;
        }
        // It opens in another window, so this page stays as it is.
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
        // Ignores the Enter that ends a composition.
        "Enter" if !event.is_composing() => {
            event.prevent_default();
            search.catch_up();
            // The last input may not be rendered before the next frame.
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
            // A press must not move the focus, because it could not return.
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

/// Wraps Tab from the last to the first focusable element and back.
fn go_round(dialog: &web_sys::HtmlElement, event: &KeyboardEvent) {
    let Ok(all) = dialog.query_selector_all("input, button") else {
        return;
    };
    let mut seen = (0..all.length())
        .filter_map(|place| all.get(place)?.dyn_into::<web_sys::HtmlElement>().ok())
        // Some of them are hidden on phones.
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
