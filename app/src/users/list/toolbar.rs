//! The search, filters and order of a list: one form that works without scripts, because its URL has everything. The
//! hydrated page navigates while the person types.

use std::time::Duration;

use i18n::*;
use leptos::{ev::SubmitEvent, html, prelude::*};
use leptos_router::{NavigateOptions, hooks::use_navigate};
use muster::{
    account_state::AccountState,
    users_query::{MAX_SEARCH, StateFilter, UserSort, UsersQuery},
};

use super::{address::Kind, living::List};
use crate::ui::{Button, ButtonKind, ButtonLink, Choice, Debounce, IconName, SearchField, Words};

/// Delay between typing and the update of the list.
const PAUSE: Duration = Duration::from_millis(200);

#[component]
pub fn Toolbar(list: List) -> impl IntoView {
    let locale = use_locale();
    let typed = RwSignal::new(list.query.with_untracked(|query| query.q.clone()));
    // The search that the URL has or is about to get.
    let written = StoredValue::new(typed.get_untracked());
    let waiting = Debounce::of(PAUSE);
    let navigate = use_navigate();
    let show = Callback::new(move |(query, replace): (UsersQuery, bool)| {
        waiting.cancel();
        written.set_value(query.q.clone());
        let to = list.href(|shown| *shown = query);
        let options = NavigateOptions {
            replace,
            scroll: false,
            ..NavigateOptions::default()
        };
        navigate(&to, options);
    });
    let as_typed = move || UsersQuery {
        q: typed.get_untracked().trim().to_owned(),
        after: String::new(),
        before: String::new(),
        ..list.query.get_untracked()
    };
    // Typed text goes into the URL after a pause …
    Effect::new(move |_| {
        let search = typed.with(|typed| typed.trim().to_owned());
        if search == written.get_value() {
            waiting.cancel();
        } else {
            waiting.after_pause(move || show.run((as_typed(), true)));
        }
    });
    // … and a search that enters the URL in another way goes into the field.
    Effect::new(move |_| {
        let search = list.query.with(|query| query.q.clone());
        if search != written.get_value() {
            written.set_value(search.clone());
            typed.set(search);
        }
    });
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        show.run((as_typed(), false));
    };
    let states = any_and(
        match list.kind {
            Kind::Users => td_string!(locale, users.any_state),
            Kind::Invitations => td_string!(locale, users.all_open),
        },
        list.kind
            .states()
            .iter()
            .map(|state| Choice::new(state.code(), state_words(locale, *state)))
            .collect(),
    );
    let roles = Memo::new(move |_| {
        let roles = list
            .read(|page| {
                page.roles
                    .iter()
                    .map(|role| Choice::new(role.id.clone(), role.name.clone()))
                    .collect()
            })
            .unwrap_or_default();
        any_and(td_string!(locale, users.any_role), roles)
    });
    view! {
        <form
            class="filters"
            class:alive=move || list.alive.get()
            method="get"
            action=list.path()
            role="search"
            aria-label=search_words(locale, list.kind)
            on:submit=submit
        >
            <SearchField
                name="q"
                label=search_words(locale, list.kind)
                value=typed
                maxlength=MAX_SEARCH
            />
            <FilterSelect
                name="state"
                label=td_string!(locale, users.filter_state)
                value=Signal::derive(move || list.query.with(|query| query.state.clone()))
                options=Signal::stored(states)
                on_change=Callback::new(move |state| show.run((UsersQuery { state, ..as_typed() }, false)))
            />
            <FilterSelect
                name="role"
                label=td_string!(locale, users.filter_role)
                value=Signal::derive(move || list.query.with(|query| query.role.clone()))
                options=roles
                on_change=Callback::new(move |role| show.run((UsersQuery { role, ..as_typed() }, false)))
            />
            <SortSelect
                list
                on_change=Callback::new(move |sort| show.run((UsersQuery { sort, ..as_typed() }, false)))
            />
            <span class="apply" hidden=move || list.alive.get()>
                <Button submit=true>{td!(locale, users.apply)}</Button>
            </span>
            {move || {
                list.query
                    .with(UsersQuery::narrows)
                    .then(|| view! {
                        <ButtonLink href=cleared(list) kind=ButtonKind::Ghost icon=IconName::X>
                            <span class="word">{td!(locale, users.clear)}</span>
                        </ButtonLink>
                    })
            }}
        </form>
    }
}

/// Returns the URL of the list without search and filters, in the current order.
fn cleared(list: List) -> String {
    list.href(|query| {
        *query = UsersQuery {
            sort: std::mem::take(&mut query.sort),
            ..UsersQuery::default()
        };
    })
}

/// A choice that takes effect immediately and shows the value of the URL.
#[component]
fn FilterSelect(
    name: &'static str,
    #[prop(into)] label: Words,
    #[prop(into)] value: Signal<String>,
    #[prop(into)] options: Signal<Vec<Choice>>,
    #[prop(optional, into)] fixed: Signal<bool>,
    #[prop(optional, into)] why: Option<Words>,
    on_change: Callback<String>,
) -> impl IntoView {
    let node = NodeRef::<html::Select>::new();
    Effect::new(move |_| {
        let (wanted, _) = (value.get(), options.get());
        if let Some(select) = node.get()
            && select.value() != wanted
        {
            select.set_value(&wanted);
        }
    });
    let id = format!("filter-{name}");
    let on = move || !fixed.get() && name != "sort" && value.with(|value| !value.is_empty());
    view! {
        <span class="filter">
            <label class="visually-hidden" for=id.clone()>{move || label.get()}</label>
            <select
                node_ref=node
                id=id
                name=name
                class:on=on
                autocomplete="off"
                disabled=move || fixed.get()
                title=move || why.filter(|_| fixed.get()).map(Words::get)
                on:change=move |event| on_change.run(event_target_value(&event))
            >
                {move || {
                    let wanted = value.get_untracked();
                    options
                        .get()
                        .into_iter()
                        .map(|choice| {
                            let selected = choice.value == wanted;
                            view! { <option value=choice.value selected=selected>{choice.text}</option> }
                        })
                        .collect_view()
                }}
            </select>
        </span>
    }
}

/// The order. A search has its own order, so the control is then disabled and says so.
#[component]
fn SortSelect(list: List, on_change: Callback<String>) -> impl IntoView {
    let locale = use_locale();
    let searching = Memo::new(move |_| list.searching());
    // The default order is not in the URL.
    let code = |sort: UserSort| {
        if sort == UserSort::default() {
            String::new()
        } else {
            sort.code().to_owned()
        }
    };
    let options = Memo::new(move |_| {
        if searching.get() {
            return vec![Choice::new("", td_string!(locale, users.sort_match))];
        }
        list.kind
            .sorts()
            .iter()
            .map(|sort| Choice::new(code(*sort), sort_words(locale, *sort)))
            .collect()
    });
    let value = Signal::derive(move || {
        if searching.get() {
            return String::new();
        }
        let sort = list.query.with(|query| query.sort.clone());
        if sort == UserSort::default().code() {
            String::new()
        } else {
            sort
        }
    });
    view! {
        <FilterSelect
            name="sort"
            label=move || {
                if searching.get() {
                    td_string!(locale, users.sort_fixed)
                } else {
                    td_string!(locale, users.sort)
                }
            }
            value
            options
            fixed=searching
            why=td_string!(locale, users.sort_fixed)
            on_change
        />
        // The control is enabled again after the search.
        {move || {
            let sort = list.query.with(|query| query.sort.clone());
            (searching.get() && !sort.is_empty()).then(|| view! { <input type="hidden" name="sort" value=sort/> })
        }}
    }
}

fn any_and(any: &str, mut choices: Vec<Choice>) -> Vec<Choice> {
    choices.insert(0, Choice::new("", any));
    choices
}

fn search_words(locale: Locale, kind: Kind) -> &'static str {
    match kind {
        Kind::Users => td_string!(locale, users.search),
        Kind::Invitations => td_string!(locale, users.search_invitations),
    }
}

fn state_words(locale: Locale, state: StateFilter) -> &'static str {
    match state {
        StateFilter::Invited => td_string!(locale, users.state_invited),
        StateFilter::Is(AccountState::NotNotified) => {
            td_string!(locale, users.state_not_notified)
        }
        StateFilter::Is(AccountState::Pending) => td_string!(locale, users.state_pending),
        StateFilter::Is(AccountState::InviteExpired) => td_string!(locale, users.state_expired),
        StateFilter::Is(AccountState::Active) => td_string!(locale, users.state_active),
        StateFilter::Is(AccountState::Deactivated) => {
            td_string!(locale, users.state_deactivated)
        }
        StateFilter::Is(AccountState::Locked) => td_string!(locale, users.state_locked),
    }
}

fn sort_words(locale: Locale, sort: UserSort) -> &'static str {
    match sort {
        UserSort::Name => td_string!(locale, users.sort_name),
        UserSort::NameDown => td_string!(locale, users.sort_name_down),
        UserSort::Seen => td_string!(locale, users.sort_seen),
        UserSort::SeenUp => td_string!(locale, users.sort_seen_up),
        UserSort::New => td_string!(locale, users.sort_new),
        UserSort::Old => td_string!(locale, users.sort_old),
    }
}
