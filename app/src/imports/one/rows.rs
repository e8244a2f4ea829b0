//! A list of rows: the person, the result, and the reasons.

use i18n::*;
use leptos::{prelude::*, task::spawn_local};
use leptos_router::params::ParamsMap;
use muster::import::{ImportState, RowsKind, Verdict};
use rpc::{
    Refusal,
    imports::{ImportRow, ImportRows, ImportView, import_rows},
};
use serde::{Deserialize, Serialize};

use super::{LISTS, code_of, count_of, following::Following};
use crate::{
    shell::use_shell,
    ui::{Banner, BannerKind, Column, DataTable, Icon, IconName, Pager},
};

/// The rows that the URL requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowsAsked {
    pub kind: RowsKind,
    /// The number of the row before the first one.
    pub after: u32,
}

impl RowsAsked {
    /// Parses the URL's query; `None` if it names no list.
    pub fn read(query: &ParamsMap) -> Option<Self> {
        let code = query.get_str("rows")?;
        let kind = LISTS.into_iter().find(|kind| code_of(*kind) == code)?;
        let after = query.get_str("after").and_then(|after| after.parse().ok());
        Some(Self {
            kind,
            after: after.unwrap_or_default(),
        })
    }

    /// Returns the list to show if the URL names none: the first one that is not empty, problems first.
    pub fn usual(view: &ImportView) -> Option<Self> {
        if view.state.is_under_way() || view.state == ImportState::Discarded {
            return None;
        }
        let order = [
            RowsKind::Kept,
            RowsKind::Refused,
            RowsKind::Invite,
            RowsKind::Update,
            RowsKind::Unchanged,
        ];
        let kind = order.into_iter().find(|kind| count_of(view, *kind) > 0)?;
        Some(Self { kind, after: 0 })
    }
}

#[component]
pub fn Rows(
    following: Following,
    asked: Memo<Option<RowsAsked>>,
    first: Option<(RowsAsked, ImportRows)>,
) -> impl IntoView {
    let say = use_say();
    let shown = RwSignal::new(first.clone());
    let trouble = RwSignal::new(None);
    // The requested rows and the import's state, with which the rows change.
    let wanted = Memo::new(move |_| {
        following.view.with(|view| {
            let asked = asked.get().or_else(|| RowsAsked::usual(view));
            (
                asked.filter(|_| !view.state.is_under_way()),
                view.state,
                view.plan,
            )
        })
    });
    Effect::new(move |before: Option<_>| {
        let now = wanted.get();
        // The page was delivered with the first rows.
        if before.is_none() && shown.with_untracked(|it| it.as_ref().map(|it| it.0)) == now.0 {
            return now;
        }
        if before == Some(now) {
            return now;
        }
        let Some(asked) = now.0 else {
            shown.set(None);
            return now;
        };
        let (slug, id) = (following.slug.get_value(), following.id());
        spawn_local(async move {
            let rows = import_rows(slug, id, asked.kind, asked.after).await;
            // By now other rows may be requested, or the page may have been closed.
            if wanted.try_get_untracked().and_then(|it| it.0) != Some(asked) {
                return;
            }
            match rows {
                Ok(rows) => {
                    shown.set(Some((asked, rows)));
                    trouble.set(None);
                }
                Err(Refusal(failure)) => trouble.set(Some(failure)),
            }
        });
        now
    });
    view! {
        {move || trouble.get().map(|failure| view! {
            <Banner kind=BannerKind::Bad>{say.of_failure(&failure)}</Banner>
        })}
        {move || shown.get().map(|(asked, rows)| view! { <List following asked rows/> })}
    }
}

#[component]
fn List(following: Following, asked: RowsAsked, rows: ImportRows) -> impl IntoView {
    let locale = use_locale();
    let words = use_import_words();
    let written = following.view.with_untracked(ImportView::written);
    let access = following.view.with_untracked(|view| view.options.access);
    let title = words.list(asked.kind, access, written);
    if rows.rows.is_empty() {
        return view! {
            <section class="card"><p class="muted nobody">{td!(locale, imports.no_rows)}</p></section>
        }
        .into_any();
    }
    let columns = vec![
        Column::new(td_string!(locale, imports.row)).narrow(),
        Column::new(td_string!(locale, imports.person)),
        Column::new(words.column(muster::import::Column::Username)).hide(),
        Column::new(words.column(muster::import::Column::Role)).hide(),
        Column::new(td_string!(locale, imports.to_know)),
    ];
    let at =
        move |after: u32| following.path(&format!("?rows={}&after={after}", code_of(asked.kind)));
    let next = rows.next.map(at);
    let previous = (asked.after > 0).then(|| at(0));
    let count = following.view.with_untracked(|view| {
        format!(
            "{} {title}",
            grouped(locale, count_of(view, asked.kind).into())
        )
    });
    view! {
        <div class="import-rows">
            <DataTable
                label=title
                columns
                foot=ViewFn::from(move || view! {
                    <Pager
                        label=td_string!(locale, imports.pages)
                        previous_word=td_string!(locale, imports.first_page)
                        next_word=td_string!(locale, imports.next)
                        previous=previous.clone()
                        next=next.clone()
                        text=count.clone()
                    />
                })
            >
                {rows.rows.into_iter().map(|row| view! { <Line row/> }).collect_view()}
            </DataTable>
        </div>
    }
    .into_any()
}

#[component]
fn Line(row: ImportRow) -> impl IntoView {
    let locale = use_locale();
    let words = use_import_words();
    let shell = use_shell();
    let name = [row.first_name.as_str(), row.last_name.as_str()].join(" ");
    let name = if name.trim().is_empty() {
        row.email.clone()
    } else {
        name.trim().to_owned()
    };
    let person = match &row.user {
        Some(id) => {
            view! { <a href=shell.path(&format!("users/{id}"))><strong>{name}</strong></a> }
                .into_any()
        }
        None => view! { <strong>{name}</strong> }.into_any(),
    };
    let changes = row.changes.iter().map(|change| {
        let words = words.change(change);
        view! { <span class="change"><Icon name=IconName::Pencil/><span>{words}</span></span> }
    });
    let refused = matches!(row.verdict, Verdict::Refused);
    let reasons = row.reasons.iter().map(|reason| {
        let words = words.reason(reason);
        let class = if refused { "err" } else { "change" };
        view! { <span class=class><Icon name=IconName::TriangleAlert/><span>{words}</span></span> }
    });
    let username = if row.username.is_empty() && matches!(row.verdict, Verdict::Invite) {
        view! { <span class="muted nowrap">{td_string!(locale, users.not_chosen)}</span> }
            .into_any()
    } else {
        view! { <span class="mono">{row.username.clone()}</span> }.into_any()
    };
    let line = td_string!(
        locale,
        imports.line,
        line = grouped(locale, i64::try_from(row.line).unwrap_or(i64::MAX))
    );
    view! {
        <tr>
            <td class="muted number" title=line>{grouped(locale, row.row.into())}</td>
            <td>
                <div class="who"><span class="names">{person}<small>{row.email.clone()}</small></span></div>
            </td>
            <td class="hide">{username}</td>
            <td class="hide">{row.role.clone()}</td>
            <td class="what">{reasons.collect_view()}{changes.collect_view()}</td>
        </tr>
    }
}
