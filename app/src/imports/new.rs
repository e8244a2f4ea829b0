//! The page that prepares an import: a file is chosen, its columns are mapped, its rows are checked and corrected in
//! the browser, and then it is uploaded. To add a step: its component here and its place in `steps`.

mod check_step;
mod columns_step;
mod file_step;
mod grid;
mod grid_row;
mod importing;
mod options_form;
mod stats;
mod upload;

use check_step::CheckStep;
use columns_step::ColumnsStep;
use file_step::FileStep;
use i18n::*;
use importing::Importing;
use leptos::prelude::*;
use leptos_meta::Title;
use rpc::{
    Refusal,
    imports::{ImportRoles, import_roles},
};
use wasm_bindgen::JsCast;

use super::steps::{Step, Steps};
use crate::{
    server_resource::server_resource,
    shell::{Refused, use_shell},
    ui::{PageHead, SkeletonText},
};

#[component]
pub fn NewImportPage() -> impl IntoView {
    let locale = use_locale();
    let slug = use_shell().slug();
    let roles = server_resource(move || import_roles(slug.clone()));
    view! {
        <Title text=td_string!(locale, imports.title)/>
        <Suspense fallback=move || view! { <SkeletonText lines=6 label=td_string!(locale, common.loading)/> }>
            {move || Suspend::new(async move {
                match roles.await {
                    Ok(roles) => view! { <Preparing roles/> }.into_any(),
                    Err(Refusal(failure)) => view! { <Refused failure/> }.into_any(),
                }
            })}
        </Suspense>
    }
}

#[component]
fn Preparing(roles: ImportRoles) -> impl IntoView {
    let locale = use_locale();
    let shell = use_shell();
    let words = use_import_words();
    let importing = Importing::new(roles);
    let step = importing.step;
    // A new step starts at the top of the page.
    Effect::new(move |before: Option<Step>| {
        let now = step.get();
        if before.is_some_and(|before| before != now) {
            focus_steps();
        }
        now
    });
    view! {
        <PageHead
            title=td_string!(locale, imports.title)
            text=Signal::derive(move || Some(about_words(importing, locale, words)))
            back=(shell.path("imports"), td_string!(locale, imports.list_title).into())
        />
        <div id="import-steps" tabindex="-1"><Steps step/></div>
        <div hidden=move || step.get() != Step::File><FileStep importing/></div>
        {move || (step.get() == Step::Columns).then(|| view! { <ColumnsStep importing/> })}
        {move || (step.get() == Step::Check).then(|| view! { <CheckStep importing/> })}
    }
}

fn focus_steps() {
    if let Some(window) = web_sys::window() {
        window.scroll_to_with_x_and_y(0.0, 0.0);
    }
    focus("import-steps");
}

/// Moves the focus to the element with this id, if it exists.
fn focus(id: &str) {
    if let Some(element) = document().get_element_by_id(id)
        && let Some(element) = element.dyn_ref::<web_sys::HtmlElement>()
    {
        let _ = element.focus();
    }
}

/// Returns `people.csv · 9.8 MB · UTF-8, Semicolon · checked on this computer, nothing uploaded yet`.
fn about_words(importing: Importing, locale: Locale, words: ImportWords) -> String {
    let Some(about) = importing
        .about
        .get()
        .filter(|_| importing.step.get() != Step::File)
    else {
        return td_string!(locale, imports.text).to_owned();
    };
    let mut parts = vec![about.name, size_words(locale, about.size)];
    if let Some(looked) = importing.looked.get() {
        parts.push(format!(
            "{}, {}",
            words.encoding(looked.dialect.encoding),
            words.delimiter(looked.dialect.delimiter)
        ));
    }
    parts.push(td_string!(locale, imports.nothing_uploaded).to_owned());
    parts.join(" · ")
}

/// Formats a file size: `9.8 MB`.
pub(super) fn size_words(locale: Locale, bytes: u64) -> String {
    const KB: u64 = 1000;
    const MB: u64 = 1000 * KB;
    let number = |unit: u64| tenths_words(locale, bytes * 10 / unit);
    match bytes {
        0..KB => format!("{bytes} B"),
        KB..MB => format!("{} KB", number(KB)),
        _ => format!("{} MB", number(MB)),
    }
}

/// Formats a number of tenths: `1,234.5`.
fn tenths_words(locale: Locale, tenths: u64) -> String {
    let whole = grouped(locale, i64::try_from(tenths / 10).unwrap_or(i64::MAX));
    let mark = match locale {
        Locale::en => '.',
        Locale::de => ',',
    };
    format!("{whole}{mark}{}", tenths % 10)
}
