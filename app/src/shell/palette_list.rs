//! The list of the search palette: groups of hits, the progress, and the empty result.

use i18n::*;
use leptos::{html, prelude::*};
use muster::failure::Failure;
use wasm_bindgen::JsCast;

use super::palette_search::{Group, Hit, Mark, Search, option_id};
use crate::{
    ui::{Icon, IconName, Monogram, StateChip},
    users::state_chip,
};

#[component]
pub(super) fn PaletteList(id: &'static str, search: Search) -> impl IntoView {
    let locale = use_locale();
    let list = NodeRef::<html::Div>::new();
    // Keeps the hit chosen by keyboard in view.
    Effect::new(move |_| {
        let (Some(key), Some(list)) = (search.active.get(), list.get()) else {
            return;
        };
        request_animation_frame(move || {
            if let Some(option) = document().get_element_by_id(&option_id(&key))
                && let Some(option) = option.dyn_ref::<web_sys::HtmlElement>()
            {
                let (top, bottom) = (
                    option.offset_top(),
                    option.offset_top() + option.offset_height(),
                );
                if top < list.scroll_top() {
                    list.set_scroll_top(top);
                } else if bottom > list.scroll_top() + list.client_height() {
                    list.set_scroll_top(bottom - list.client_height());
                }
            }
        });
    });
    let looking = move || {
        (search.looking.get()
            && search
                .groups
                .with(|groups| groups.iter().all(|group| group.code != "people")))
        .then(|| {
            view! {
                <p class="palette-note">
                    <Icon name=IconName::Hourglass/>
                    {td!(locale, home.search_looking)}
                </p>
            }
        })
    };
    view! {
        <div node_ref=list class="palette-found">
            <Refusal failure=search.failure/>
            {looking}
            <div id=id role="listbox" aria-label=td_string!(locale, home.search_results)>
                <For
                    each=move || search.groups.get()
                    key=Group::clone_key
                    children=move |group| view! { <GroupView group search/> }
                />
            </div>
            <Nothing search/>
        </div>
        <p class="visually-hidden" role="status">{move || count(locale, search)}</p>
    }
}

impl Group {
    /// Returns the key of the group, which changes with its hits.
    fn clone_key(&self) -> (&'static str, Vec<String>) {
        let keys = self
            .hits
            .iter()
            .map(|hit| format!("{} {}", hit.key, hit.text));
        (self.code, keys.collect())
    }
}

#[component]
fn GroupView(group: Group, search: Search) -> impl IntoView {
    let heading = format!("palette-group-{}", group.code);
    view! {
        <div role="group" aria-labelledby=heading.clone()>
            <p id=heading.clone() class="menu-heading" role="presentation">{group.title}</p>
            {group.hits.into_iter().map(|hit| view! { <HitView hit search/> }).collect_view()}
        </div>
    }
}

#[component]
fn HitView(hit: Hit, search: Search) -> impl IntoView {
    let say = use_say();
    let key = hit.key.clone();
    let selected = move || search.active.with(|active| active.as_ref() == Some(&key));
    let state = match hit.mark {
        Mark::Person(state) => Some(state),
        Mark::Icon(_) => None,
    };
    let mark = match hit.mark {
        Mark::Icon(icon) => view! { <Icon name=icon/> }.into_any(),
        Mark::Person(_) => {
            view! { <Monogram name=hit.text.clone() key=hit.text.clone()/> }.into_any()
        }
    };
    view! {
        <a
            id=option_id(&hit.key)
            class="item"
            role="option"
            tabindex="-1"
            href=hit.href
            rel=hit.external.then_some("external")
            aria-selected=move || if selected() { "true" } else { "false" }
        >
            {mark}
            <span>
                {hit.text}
                {(!hit.detail.is_empty()).then(|| view! { <small>{hit.detail}</small> })}
            </span>
            {state.map(|state| view! { <StateChip kind=state_chip(state) word=say.of_state(state)/> })}
        </a>
    }
}

/// Why the search for people failed.
#[component]
fn Refusal(failure: RwSignal<Option<Failure>>) -> impl IntoView {
    let say = use_say();
    move || {
        failure.get().map(|failure| {
            view! {
                <p class="palette-note bad" role="alert">
                    <Icon name=IconName::CircleAlert/>
                    {say.of_failure(&failure)}
                </p>
            }
        })
    }
}

/// The text if no person, page or action was found.
#[component]
fn Nothing(search: Search) -> impl IntoView {
    let locale = use_locale();
    move || {
        let query = search.query.get().trim().to_owned();
        let found = found(search);
        let waits = search.looking.get() || search.failure.with(Option::is_some);
        (!query.is_empty() && found == 0 && !waits).then(|| {
            view! {
                <div class="palette-nothing">
                    <strong>{td_string!(locale, home.search_nothing, query = query)}</strong>
                    <p>{td!(locale, home.search_nothing_hint)}</p>
                </div>
            }
        })
    }
}

/// Returns the number of hits without the link to the list.
fn found(search: Search) -> usize {
    search.groups.with(|groups| {
        let hits = groups.iter().flat_map(|group| &group.hits);
        hits.filter(|hit| hit.key != "all").count()
    })
}

fn count(locale: Locale, search: Search) -> String {
    if search.query.with(|query| query.trim().is_empty()) || search.looking.get() {
        return String::new();
    }
    match found(search) {
        0 => td_string!(
            locale,
            home.search_nothing,
            query = search.query.get().trim().to_owned()
        ),
        1 => td_string!(locale, home.search_count_singular).to_owned(),
        count => td_string!(locale, home.search_count_plural, count = count),
    }
}
