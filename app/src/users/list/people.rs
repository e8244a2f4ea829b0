//! The table of a list: headers, rows and pager. It is a form, so bulk actions work without scripts.

use i18n::*;
use leptos::prelude::*;
use muster::users_query::{UserSort, UsersQuery};

use super::{
    super::row::{InvitationRow, UserTableRow},
    address::{self, Kind},
    bar::BulkBar,
    bulk::Bulk,
    choice::{ALL, Choosing},
    count,
    living::List,
    title,
};
use crate::ui::{Column, DataTable, Pager, Sorted};

#[component]
pub fn People(list: List, choosing: Choosing, bulk: Bulk) -> impl IntoView {
    let locale = use_locale();
    choosing.keep(list);
    let columns = match list.kind {
        Kind::Users => user_columns(list),
        Kind::Invitations => invitation_columns(list),
    };
    let nothing = Memo::new(move |_| list.read(|page| page.rows.is_empty()).unwrap_or(true));
    let rows = move || {
        list.rows(|_| true, Clone::clone)
            .into_iter()
            .map(|row| match list.kind {
                Kind::Users => view! { <UserTableRow row/> }.into_any(),
                Kind::Invitations => view! { <InvitationRow row/> }.into_any(),
            })
            .collect_view()
    };
    view! {
        <form
            class="people"
            class:with-mail=list.kind == Kind::Invitations
            class:busy=move || list.loading.get()
            method="post"
            hidden=move || nothing.get()
            aria-busy=move || list.loading.get().then_some("true")
            on:submit=|event| event.prevent_default()
            on:click=move |event| choosing.clicked(&event, list)
            on:keydown=move |event| choosing.key(&event, list)
        >
            // Enter on a check box presses the form's first button. This button would close a dialog around the form,
            // and there is none. (A disabled button is skipped.)
            <button class="visually-hidden" type="submit" formmethod="dialog" tabindex="-1" aria-hidden="true"></button>
            <input type="hidden" name="intent" value="bulk_users"/>
            <BulkBar list choosing bulk/>
            <DataTable label=title(locale, list.kind) columns foot=move || view! { <Foot list/> }>
                {rows}
            </DataTable>
        </form>
    }
}

fn user_columns(list: List) -> Vec<Column> {
    let locale = use_locale();
    vec![
        choose_column(list),
        sorted_column(
            list,
            td_string!(locale, users.column_name),
            UserSort::Name,
            UserSort::NameDown,
        ),
        Column::new(td_string!(locale, users.column_username))
            .hide()
            .class("username"),
        Column::new(td_string!(locale, users.column_role)).hide(),
        // Most people look for recent activity, so it is the first order.
        sorted_column(
            list,
            td_string!(locale, users.column_seen),
            UserSort::SeenUp,
            UserSort::Seen,
        )
        .hide(),
        Column::new(td_string!(locale, users.column_state)).end(),
    ]
}

fn invitation_columns(list: List) -> Vec<Column> {
    let locale = use_locale();
    vec![
        choose_column(list),
        Column::new(td_string!(locale, users.column_person)),
        Column::new(td_string!(locale, users.column_role)).hide(),
        Column::new(td_string!(locale, users.column_sent)).hide(),
        Column::new(td_string!(locale, users.column_mail))
            .hide()
            .class("mail"),
        Column::new(td_string!(locale, users.column_state)).end(),
    ]
}

/// Returns the column of check boxes. Its header, which selects the whole page, needs scripts; the rows' boxes do not.
fn choose_column(list: List) -> Column {
    let locale = use_locale();
    Column::new(td_string!(locale, users.choose_all))
        .class("choose")
        .head(move || {
            view! {
                <label>
                    <input
                        type="checkbox"
                        id=ALL
                        aria-label=td_string!(locale, users.choose_all)
                        autocomplete="off"
                        disabled=move || !list.alive.get()
                    />
                </label>
            }
        })
}

/// Returns a column whose header sorts by it: in the other direction if it is sorted, otherwise by name ascending or by
/// time descending.
fn sorted_column(list: List, words: &'static str, up: UserSort, down: UserSort) -> Column {
    let current = Memo::new(move |_| {
        let sort = list.query.with(|query| query.sort.clone());
        if list.searching() {
            None
        } else if sort.is_empty() {
            Some(UserSort::default())
        } else {
            sort.parse().ok()
        }
    });
    let first = if up == UserSort::Name { up } else { down };
    let href = Signal::derive(move || {
        let other = match current.get()? {
            sort if sort != first => first,
            _ if first == up => down,
            _ => up,
        };
        Some(list.href(|query| {
            query.sort = if other == UserSort::default() {
                String::new()
            } else {
                other.code().to_owned()
            };
        }))
    });
    let sorted = Signal::derive(move || match current.get()? {
        sort if sort == up => Some(Sorted::Up),
        sort if sort == down => Some(Sorted::Down),
        _ => None,
    });
    Column::new(words).sort(href, sorted)
}

/// The pager.
#[component]
fn Foot(list: List) -> impl IntoView {
    let locale = use_locale();
    move || {
        let (before, after, range) = list
            .read(|page| {
                (
                    page.previous.clone(),
                    page.next.clone(),
                    count::range(locale, list.kind, page),
                )
            })
            .unwrap_or_default();
        let to = |edit: fn(&mut UsersQuery) -> &mut String, key: String| {
            let mut query = list.query.with(address::from_the_start);
            *edit(&mut query) = key;
            address::href(&list.path(), &query)
        };
        view! {
            <Pager
                label=td_string!(locale, users.pages)
                previous_word=td_string!(locale, users.previous)
                next_word=td_string!(locale, users.next)
                previous=before.map(|key| to(|query| &mut query.before, key))
                next=after.map(|key| to(|query| &mut query.after, key))
                text=range
            />
        }
    }
}
