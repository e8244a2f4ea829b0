//! The list of users and the list of invitations: two URLs of one list, 50 rows per page, paged by key. The URL holds
//! the view. The hydrated page loads changes without navigation and keeps the old rows until the answer arrives.

mod address;
mod bar;
mod bulk;
mod choice;
mod count;
mod empty;
mod living;
mod people;
mod report;
mod toolbar;

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_location;
use muster::{draft::BulkDraft, failure::Failure};

use self::{
    address::Kind,
    bar::RemoveDialog,
    bulk::Bulk,
    choice::Choosing,
    empty::{Empty, InviteButton, PageGone, Shown, is_alone},
    living::{List, fetch},
    people::People,
    report::Outcome,
    toolbar::Toolbar,
};
pub(super) use self::{choice::box_id, living::name_of};
use super::mail_paused::MailPaused;
use crate::{
    form::Form,
    server_resource::server_resource,
    shell::{Refused, use_shell},
    ui::{Banner, BannerKind, PageHead, SkeletonTable},
};
use i18n::*;
use rpc::Refusal;
use rpc::users::{BulkReport, UsersPage};

/// All users.
#[component]
pub fn UsersListPage() -> impl IntoView {
    view! { <ListPage kind=Kind::Users/> }
}

/// Open invitations.
#[component]
pub fn InvitationsPage() -> impl IntoView {
    view! { <ListPage kind=Kind::Invitations/> }
}

#[component]
fn ListPage(kind: Kind) -> impl IntoView {
    let locale = use_locale();
    let slug = use_shell().slug();
    let search = use_location().search;
    let query = Memo::new(move |_| search.with(|search| address::read(search)));
    // The page awaits only its first answer; later the list loads data on its own.
    let first = query.get_untracked();
    let (asked, of) = (first.clone(), slug.clone());
    let users = server_resource(move || fetch(kind, of.clone(), asked.clone()));
    let form = Form::<BulkDraft, BulkReport>::new("bulk_users", BulkDraft::default());
    let title = title(locale, kind);
    view! {
        <Title text=title/>
        <Suspense fallback=move || view! {
            <PageHead title=title text=Some(td_string!(locale, common.loading).to_owned())/>
            <SkeletonTable label=move || td_string!(locale, common.loading)/>
        }>
            {move || {
                let (slug, first, form) = (slug.clone(), first.clone(), form.clone());
                Suspend::new(async move {
                    let answer = users.await;
                    view! { <Answered kind slug query first answer form/> }
                })
            }}
        </Suspense>
    }
}

/// The list with its first answer.
#[component]
fn Answered(
    kind: Kind,
    slug: String,
    query: Memo<muster::users_query::UsersQuery>,
    /// The query of that answer.
    first: muster::users_query::UsersQuery,
    answer: Result<UsersPage, Refusal>,
    form: Form<BulkDraft, BulkReport>,
) -> impl IntoView {
    let list = List::new(kind, slug, query, answer);
    list.follow(first);
    let choosing = Choosing::new();
    let bulk = Bulk::new(list, choosing, form);
    let shown = list.shown();
    move || match shown.get() {
        Shown::List => view! { <Whole list choosing bulk/> }.into_any(),
        Shown::Gone => view! { <PageGone kind/> }.into_any(),
        Shown::Refused(failure) => view! { <Refused failure/> }.into_any(),
    }
}

/// The whole content of the page.
#[component]
fn Whole(list: List, choosing: Choosing, bulk: Bulk) -> impl IntoView {
    let locale = use_locale();
    let say = use_say();
    let kind = list.kind;
    let title = title(locale, kind);
    let count = move || {
        list.read(|page| count::people(locale, kind, page.count))
            .unwrap_or_default()
    };
    let alone = Memo::new(move |_| is_alone(list));
    // If new rows can't be loaded, the old ones stay, with a notice.
    let trouble = move || {
        list.failure
            .get()
            .map(|failure: Failure| view! { <Banner kind=BannerKind::Bad>{say.of_failure(&failure)}</Banner> })
    };
    let paused = move || {
        list.read(|page| page.mail_paused.clone())
            .flatten()
            .map(|since| view! { <MailPaused since/> })
    };
    view! {
        <PageHead title=title count=count>
            <InviteButton list/>
        </PageHead>
        <div hidden=move || alone.get()><Toolbar list/></div>
        <Outcome list bulk/>
        {trouble}
        {paused}
        <People list choosing bulk/>
        <Empty list alone/>
        <RemoveDialog bulk/>
    }
}

fn title(locale: Locale, kind: Kind) -> &'static str {
    match kind {
        Kind::Users => td_string!(locale, users.title),
        Kind::Invitations => td_string!(locale, users.invitations_title),
    }
}
