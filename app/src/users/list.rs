//! The list of users, 50 a page, from key to key.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use muster::{failure::Failure, permission::Permission, users_query::UsersQuery};

use super::{
    api::{self, UsersPage},
    row::Row,
};
use crate::{
    failure::Refusal,
    i18n::*,
    language::use_locale,
    shell::{Refused, encoded, use_shell},
    ui::{
        Banner, Button, ButtonKind, ButtonLink, Column, DataTable, EmptyState, IconName, PageHead,
        Pager, SkeletonTable,
    },
};

#[component]
pub fn UsersListPage() -> impl IntoView {
    let locale = use_locale();
    let slug = use_shell().slug();
    let query = use_query_map();
    let wanted = Memo::new(move |_| {
        query.with(|query| {
            let of = |name: &str| query.get(name).unwrap_or_default();
            UsersQuery {
                q: of("q"),
                state: of("state"),
                role: of("role"),
                sort: of("sort"),
                after: of("after"),
                before: of("before"),
            }
        })
    });
    let users = Resource::new(
        move || wanted.get(),
        move |wanted| api::users(slug.clone(), wanted),
    );
    view! {
        <Title text=move || td_string!(locale, users.title)/>
        <Transition fallback=move || view! {
            <PageHead
                title=move || td_string!(locale, users.title)
                text=Some(td_string!(locale, common.loading).to_owned())
            />
            <SkeletonTable label=move || td_string!(locale, common.loading)/>
        }>
            {move || Suspend::new(async move {
                match users.await {
                    Ok(page) => view! { <Page page/> }.into_any(),
                    Err(Refusal(Failure::BadRequest)) => view! { <PageGone/> }.into_any(),
                    Err(Refusal(failure)) => view! { <Refused failure/> }.into_any(),
                }
            })}
        </Transition>
    }
}

#[component]
fn Page(page: UsersPage) -> impl IntoView {
    let locale = use_locale();
    let may_invite = page.may_invite;
    let alone =
        page.count == api::Count::Exact(1) && page.previous.is_none() && page.next.is_none();
    let list = use_shell().path("users");
    let previous = page
        .previous
        .as_deref()
        .map(|key| format!("{list}?before={}", encoded(key)));
    let next = page
        .next
        .as_deref()
        .map(|key| format!("{list}?after={}", encoded(key)));
    let count = people(locale, of(page.count));
    let range = range(locale, &page);
    let pager = move || {
        view! {
            <Pager
                label=move || td_string!(locale, users.pages)
                previous_word=move || td_string!(locale, users.previous)
                next_word=move || td_string!(locale, users.next)
                previous=previous.clone()
                next=next.clone()
                text=range.clone()
            />
        }
    };
    let columns = vec![
        Column::new(move || td_string!(locale, users.column_name)),
        Column::new(move || td_string!(locale, users.column_username)).hide(),
        Column::new(move || td_string!(locale, users.column_role)).hide(),
        Column::new(move || td_string!(locale, users.column_mail)).hide(),
        Column::new(move || td_string!(locale, users.column_state)).end(),
    ];
    view! {
        <PageHead title=move || td_string!(locale, users.title) text=count>
            <InviteButton may_invite/>
        </PageHead>
        <div class="users-list">
            <DataTable label=move || td_string!(locale, users.title) columns foot=pager>
                {page.rows.into_iter().map(|row| view! { <Row row/> }).collect_view()}
            </DataTable>
            {alone.then(|| view! {
                <EmptyState
                    icon=IconName::UserPlus
                    title=move || td_string!(locale, users.empty_title)
                    text=move || td_string!(locale, users.empty_text)
                >
                    <InviteButton may_invite/>
                </EmptyState>
            })}
        </div>
    }
}

/// The way to invite, or why there is none.
#[component]
fn InviteButton(may_invite: bool) -> impl IntoView {
    let locale = use_locale();
    let shell = use_shell();
    if may_invite && shell.may(Permission::InviteUsers) {
        view! {
            <ButtonLink href=shell.path("invite") kind=ButtonKind::Primary icon=IconName::Plus>
                {td!(locale, users.invite)}
            </ButtonLink>
        }
        .into_any()
    } else {
        view! {
            <Button
                kind=ButtonKind::Primary
                icon=IconName::Plus
                disabled=true
                why=Some(td_string!(locale, users.may_not_invite).to_owned())
            >
                {td!(locale, users.invite)}
            </Button>
        }
        .into_any()
    }
}

/// A key that is none any more, out of an old address.
#[component]
fn PageGone() -> impl IntoView {
    let locale = use_locale();
    let list = use_shell().path("users");
    view! {
        <PageHead title=move || td_string!(locale, users.title)/>
        <Banner>{td!(locale, users.page_gone)}</Banner>
        <ButtonLink href=list>{td!(locale, users.first_page)}</ButtonLink>
    }
}

fn people(locale: Locale, total: i64) -> String {
    if total == 1 {
        td_string!(locale, users.count_singular).to_owned()
    } else {
        td_string!(locale, users.count_plural, count = grouped(locale, total))
    }
}

/// Which rows these are; where the place is not known, how many there are.
fn range(locale: Locale, page: &UsersPage) -> String {
    let shown = i64::try_from(page.rows.len()).unwrap_or(i64::MAX);
    let Some(first) = page.first.filter(|_| shown > 0) else {
        return people(locale, of(page.count));
    };
    let last = first.saturating_add(shown - 1);
    td_string!(
        locale,
        users.range,
        first = grouped(locale, first),
        last = grouped(locale, last),
        total = grouped(locale, of(page.count).max(last))
    )
}

/// A number as the page's language writes it: `4,812` or `4.812`.
fn grouped(locale: Locale, number: i64) -> String {
    let mark = match locale {
        Locale::en => ',',
        Locale::de => '.',
    };
    let digits = number.unsigned_abs().to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3 + 1);
    if number < 0 {
        out.push('-');
    }
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(mark);
        }
        out.push(digit);
    }
    out
}

const fn of(count: api::Count) -> i64 {
    match count {
        api::Count::Exact(count) | api::Count::About(count) | api::Count::Over(count) => count,
    }
}
