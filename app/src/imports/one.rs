//! The page of one import, from its upload to the report: progress, plan, actions, result. The server holds its state,
//! so any browser can follow it.

mod actions;
mod following;
mod progress;
mod rows;
mod send_time;
mod verdicts;

use actions::Actions;
use following::Following;
use i18n::*;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::{use_params_map, use_query_map};
use muster::{
    failure::Failure,
    import::{ImportState, RowsKind},
};
use progress::ProgressCard;
use rows::{Rows, RowsAsked};
use rpc::{
    Refusal,
    imports::{ImportRows, ImportView, import_rows, import_view},
};
use send_time::SendTime;
use verdicts::Verdicts;

use super::{
    new::size_words,
    past::{chip_of, icon_of},
    steps::{Step, Steps},
};
use crate::{
    server_resource::server_resource,
    shell::{Refused, use_shell},
    ui::{Banner, BannerKind, Chip, PageHead, SkeletonText},
};

#[component]
pub fn ImportPage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.read().get("id").unwrap_or_default());
    move || view! { <Loaded id=id.get()/> }
}

/// An import, and the first page of the rows that the URL requests.
type First = (ImportView, Option<(RowsAsked, ImportRows)>);

#[component]
fn Loaded(id: String) -> impl IntoView {
    let locale = use_locale();
    let slug = use_shell().slug();
    let query = use_query_map();
    let asked = Memo::new(move |_| query.with(RowsAsked::read));
    let first = asked.get_untracked();
    let of = id.clone();
    let import = server_resource(move || {
        let (slug, id) = (slug.clone(), of.clone());
        async move { load(slug, id, first).await }
    });
    view! {
        <Suspense fallback=move || view! { <SkeletonText lines=8 label=td_string!(locale, common.loading)/> }>
            {move || Suspend::new(async move {
                match import.await {
                    Ok((view, rows)) => view! { <Whole view rows asked/> }.into_any(),
                    Err(Refusal(failure)) => view! { <Refused failure/> }.into_any(),
                }
            })}
        </Suspense>
    }
}

async fn load(slug: String, id: String, asked: Option<RowsAsked>) -> Result<First, Refusal> {
    let view = import_view(slug.clone(), id.clone()).await?;
    let asked = asked.or_else(|| RowsAsked::usual(&view));
    let rows = match asked {
        None => None,
        Some(asked) => {
            let rows = import_rows(slug, id, asked.kind, asked.after).await?;
            Some((asked, rows))
        }
    };
    Ok((view, rows))
}

#[component]
fn Whole(
    view: ImportView,
    rows: Option<(RowsAsked, ImportRows)>,
    asked: Memo<Option<RowsAsked>>,
) -> impl IntoView {
    let locale = use_locale();
    let words = use_import_words();
    let say = use_say();
    let shell = use_shell();
    let title = view.file_name.clone();
    let text = format!(
        "{} · {}, {} · {}, {}",
        size_words(locale, view.size),
        words.encoding(view.encoding),
        words.delimiter(view.delimiter),
        view.by,
        view.at.text
    );
    let following = Following::new(view);
    let state = following.state();
    let step = Signal::derive(move || step_of(state.get()));
    let trouble = move || {
        // Field problems are shown at their fields.
        let failure = following.failure.get();
        failure.filter(|it| !matches!(it, Failure::Invalid(_))).map(
            |failure| view! { <Banner kind=BannerKind::Bad>{say.of_failure(&failure)}</Banner> },
        )
    };
    view! {
        <Title text=title.clone()/>
        <PageHead
            title=title
            text=Some(text)
            back=(shell.path("imports"), td_string!(locale, imports.list_title).into())
        >
            {move || {
                let state = state.get();
                view! { <Chip kind=chip_of(state) icon=icon_of(state)>{words.state(state)}</Chip> }
            }}
        </PageHead>
        <div hidden=move || matches!(state.get(), ImportState::Discarded | ImportState::Undone)>
            <Steps step/>
        </div>
        {trouble}
        <ProgressCard following/>
        <Actions following/>
        <SendTime following/>
        <Verdicts following asked/>
        <Rows following asked first=rows/>
    }
}

const fn step_of(state: ImportState) -> Step {
    match state {
        ImportState::Uploading
        | ImportState::Checking
        | ImportState::Refused
        | ImportState::Planned
        | ImportState::Discarded => Step::Plan,
        ImportState::Applying | ImportState::Stopped | ImportState::Failed => Step::Apply,
        ImportState::Done | ImportState::Undoing | ImportState::Undone => Step::Over,
    }
}

/// The lists of an import, in their order.
const LISTS: [RowsKind; 7] = [
    RowsKind::Invite,
    RowsKind::Update,
    RowsKind::Unchanged,
    RowsKind::Warnings,
    RowsKind::Refused,
    RowsKind::LeftOut,
    RowsKind::Kept,
];

/// Returns a list's name in the URL.
const fn code_of(kind: RowsKind) -> &'static str {
    match kind {
        RowsKind::Invite => "invite",
        RowsKind::Update => "update",
        RowsKind::Unchanged => "unchanged",
        RowsKind::Warnings => "warnings",
        RowsKind::Refused => "refused",
        RowsKind::LeftOut => "left_out",
        RowsKind::Kept => "kept",
    }
}

/// Returns the number of rows in a list.
fn count_of(view: &ImportView, kind: RowsKind) -> u32 {
    let Some(counts) = view.done.or(view.plan) else {
        return 0;
    };
    match kind {
        RowsKind::Invite => counts.invite,
        RowsKind::Update => counts.update,
        RowsKind::Unchanged => counts.unchanged,
        RowsKind::Warnings => counts.warnings,
        RowsKind::Refused => counts.refused,
        RowsKind::LeftOut => counts.left_out,
        RowsKind::Kept => view.undone.map_or(0, |(_, kept)| kept),
    }
}
