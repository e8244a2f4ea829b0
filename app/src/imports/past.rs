//! The institution's imports, newest first, each with its state and result.

use i18n::*;
use leptos::prelude::*;
use leptos_meta::Title;
use muster::import::{Access, ImportState, Written};
use rpc::{
    Refusal,
    imports::{Counts, ImportSummary, imports},
};

use crate::{
    server_resource::server_resource,
    shell::{Refused, use_shell},
    ui::{
        ButtonKind, ButtonLink, ChipKind, Column, DataTable, EmptyState, IconName, PageHead,
        SkeletonTable, StateChip,
    },
};

#[component]
pub fn ImportsPage() -> impl IntoView {
    let locale = use_locale();
    let slug = use_shell().slug();
    let past = server_resource(move || imports(slug.clone()));
    view! {
        <Title text=td_string!(locale, imports.list_title)/>
        <Suspense fallback=move || view! { <SkeletonTable label=td_string!(locale, common.loading)/> }>
            {move || Suspend::new(async move {
                match past.await {
                    Ok(past) => view! { <Past past/> }.into_any(),
                    Err(Refusal(failure)) => view! { <Refused failure/> }.into_any(),
                }
            })}
        </Suspense>
    }
}

#[component]
fn Past(past: Vec<ImportSummary>) -> impl IntoView {
    let locale = use_locale();
    let shell = use_shell();
    let new = shell.path("imports/new");
    if past.is_empty() {
        return view! {
            <PageHead title=td_string!(locale, imports.list_title)/>
            <section class="card">
                <EmptyState
                    icon=IconName::Upload
                    title=td_string!(locale, imports.none_title)
                    text=td_string!(locale, imports.none_text)
                >
                    <ButtonLink href=new kind=ButtonKind::Primary icon=IconName::Upload>
                        {td!(locale, imports.new)}
                    </ButtonLink>
                </EmptyState>
            </section>
        }
        .into_any();
    }
    let columns = vec![
        Column::new(td_string!(locale, imports.column_file)),
        Column::new(td_string!(locale, imports.column_rows)).hide(),
        Column::new(td_string!(locale, imports.column_result)).hide(),
        Column::new(td_string!(locale, imports.column_begun)).hide(),
        Column::new(td_string!(locale, imports.column_state)).end(),
    ];
    view! {
        <PageHead title=td_string!(locale, imports.list_title)>
            <ButtonLink href=new kind=ButtonKind::Primary icon=IconName::Upload>
                {td!(locale, imports.new)}
            </ButtonLink>
        </PageHead>
        <DataTable label=td_string!(locale, imports.list_title) columns>
            {past.into_iter().map(|summary| view! { <Line summary/> }).collect_view()}
        </DataTable>
    }
    .into_any()
}

#[component]
fn Line(summary: ImportSummary) -> impl IntoView {
    let locale = use_locale();
    let words = use_import_words();
    let shell = use_shell();
    let href = shell.path(&format!("imports/{}", summary.id));
    let result = result_words(locale, &summary);
    view! {
        <tr>
            <td>
                <div class="who">
                    <span class="names">
                        <a class="cover" href=href><strong>{summary.file_name}</strong></a>
                        <small>{summary.by}</small>
                    </span>
                </div>
            </td>
            <td class="hide">{grouped(locale, summary.counts.rows.into())}</td>
            <td class="hide muted">{result}</td>
            <td class="hide muted nowrap"><time datetime=summary.at.iso()>{summary.at.text.clone()}</time></td>
            <td>
                <StateChip
                    kind=chip_of(summary.state)
                    icon=icon_of(summary.state)
                    word=words.state(summary.state)
                />
            </td>
        </tr>
    }
}

/// Returns an icon that replaces the chip's.
pub(super) const fn icon_of(state: ImportState) -> Option<IconName> {
    match state {
        ImportState::Undone => Some(IconName::Undo2),
        ImportState::Discarded => Some(IconName::Trash2),
        _ => None,
    }
}

/// Returns the kind of chip for a state.
pub(super) const fn chip_of(state: ImportState) -> ChipKind {
    match state {
        ImportState::Done => ChipKind::Active,
        ImportState::Checking | ImportState::Applying | ImportState::Undoing => ChipKind::Pending,
        ImportState::Refused | ImportState::Stopped | ImportState::Failed => ChipKind::Expired,
        ImportState::Uploading | ImportState::Planned => ChipKind::Waiting,
        ImportState::Undone | ImportState::Discarded => ChipKind::Off,
    }
}

/// Returns `37 invited, 3 updated, 2 rejected`, or `37 to invite` and so on before it is applied.
fn result_words(locale: Locale, summary: &ImportSummary) -> String {
    let Counts {
        invite,
        update,
        refused,
        ..
    } = summary.counts;
    let n = |count: u32| grouped(locale, count.into());
    let written = match summary.state {
        ImportState::Discarded => return "–".to_owned(),
        ImportState::Applying | ImportState::Stopped | ImportState::Done | ImportState::Undoing => {
            Written::Was
        }
        ImportState::Undone => Written::Undone,
        _ => Written::Will,
    };
    let mut parts = Vec::new();
    if invite > 0 {
        let count = n(invite);
        parts.push(match (summary.access, written) {
            (Access::Invite, Written::Will) => {
                td_string!(locale, imports.are_to_invite, count = count)
            }
            (Access::Invite, Written::Was) => {
                td_string!(locale, imports.were_invited, count = count)
            }
            (Access::Invite, Written::Undone) => {
                td_string!(locale, imports.had_invited, count = count)
            }
            (Access::Passwords, Written::Will) if invite == 1 => {
                td_string!(locale, imports.are_to_make_singular).to_owned()
            }
            (Access::Passwords, Written::Will) => {
                td_string!(locale, imports.are_to_make_plural, count = count)
            }
            (Access::Passwords, Written::Was) if invite == 1 => {
                td_string!(locale, imports.were_made_singular).to_owned()
            }
            (Access::Passwords, Written::Was) => {
                td_string!(locale, imports.were_made_plural, count = count)
            }
            (Access::Passwords, Written::Undone) if invite == 1 => {
                td_string!(locale, imports.had_made_singular).to_owned()
            }
            (Access::Passwords, Written::Undone) => {
                td_string!(locale, imports.had_made_plural, count = count)
            }
        });
    }
    if update > 0 {
        let count = n(update);
        parts.push(match written {
            Written::Will => td_string!(locale, imports.are_to_update, count = count),
            Written::Was => td_string!(locale, imports.were_updated, count = count),
            Written::Undone => td_string!(locale, imports.had_updated, count = count),
        });
    }
    if refused > 0 {
        parts.push(td_string!(locale, imports.were_refused, count = n(refused)));
    }
    if parts.is_empty() {
        "–".to_owned()
    } else {
        parts.join(", ")
    }
}
