//! The content shown if a list has no rows, and the invite button.

use i18n::*;
use leptos::prelude::*;
use muster::{failure::Failure, permission::Permission};
use rpc::users::Count;

use super::{address::Kind, living::List, title};
use crate::{
    shell::use_shell,
    ui::{Banner, Button, ButtonKind, ButtonLink, EmptyState, IconName, PageHead},
};

/// The content in the place of the list.
#[derive(Debug, Clone, PartialEq)]
pub enum Shown {
    /// The list.
    List,
    /// The notice that this page of the list does not exist.
    Gone,
    /// The reason why there is no list.
    Refused(Failure),
}

/// Returns whether the list is empty without a filter: no user except the caller, or no invitation.
pub fn is_alone(list: List) -> bool {
    let nobody = match list.kind {
        Kind::Users => 1,
        Kind::Invitations => 0,
    };
    list.query.with(|query| !query.narrows())
        && list
            .read(|page| {
                page.count == Count::Exact(nobody) && page.previous.is_none() && page.next.is_none()
            })
            .unwrap_or(false)
}

/// The next step for an empty list or an empty result.
#[component]
pub fn Empty(list: List, alone: Memo<bool>) -> impl IntoView {
    let locale = use_locale();
    let nothing = Memo::new(move |_| list.read(|page| page.rows.is_empty()).unwrap_or(false));
    let narrows = Memo::new(move |_| list.query.with(muster::users_query::UsersQuery::narrows));
    move || {
        if alone.get() {
            let (title, text) = match list.kind {
                Kind::Users => (
                    td_string!(locale, users.empty_title),
                    td_string!(locale, users.empty_text),
                ),
                Kind::Invitations => (
                    td_string!(locale, users.invitations_empty_title),
                    td_string!(locale, users.invitations_empty_text),
                ),
            };
            view! {
                <EmptyState icon=IconName::UserPlus title=title text=text>
                    <InviteButton list/>
                </EmptyState>
            }
            .into_any()
        } else if !nothing.get() {
            ().into_any()
        } else if narrows.get() {
            view! {
                <div class="card">
                    <EmptyState
                        icon=IconName::Search
                        title=td_string!(locale, users.nothing_title)
                        text=td_string!(locale, users.nothing_text)
                    >
                        <ButtonLink href=list.path() icon=IconName::X>
                            {td!(locale, users.clear_filters)}
                        </ButtonLink>
                    </EmptyState>
                </div>
            }
            .into_any()
        } else {
            view! { <ToTheFirst kind=list.kind/> }.into_any()
        }
    }
}

/// The notice for a URL with an unknown page, filter or order.
#[component]
pub fn PageGone(kind: Kind) -> impl IntoView {
    let locale = use_locale();
    view! {
        <PageHead title=title(locale, kind)/>
        <ToTheFirst kind/>
    }
}

#[component]
fn ToTheFirst(kind: Kind) -> impl IntoView {
    let locale = use_locale();
    view! {
        <Banner>{td!(locale, users.page_gone)}</Banner>
        <ButtonLink href=use_shell().path(kind.room())>{td!(locale, users.first_page)}</ButtonLink>
    }
}

/// The invite button, or the reason why it is disabled.
#[component]
pub fn InviteButton(list: List) -> impl IntoView {
    let locale = use_locale();
    let shell = use_shell();
    let may = Memo::new(move |_| list.read(|page| page.may_invite).unwrap_or(false));
    move || {
        if may.get() && shell.may(Permission::InviteUsers) {
            view! {
                <ButtonLink href=shell.path("imports/new") icon=IconName::Upload>
                    {td!(locale, users.import)}
                </ButtonLink>
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
}
