//! The first step: a file is dropped or chosen.

use i18n::*;
use leptos::{ev::DragEvent, html, prelude::*};

use super::importing::Importing;
use crate::ui::{Banner, BannerKind, Icon, IconName};

/// The drop area. Without scripts there is no check in the browser; the page says what to do instead.
#[component]
pub fn FileStep(importing: Importing) -> impl IntoView {
    let locale = use_locale();
    let over = RwSignal::new(false);
    let input = NodeRef::<html::Input>::new();
    let alive = RwSignal::new(false);
    Effect::new(move |_| alive.set(true));
    let template = format!("/i/{}/imports/template.csv", importing.slug.get_value());
    let take = move |files: Option<web_sys::FileList>| {
        if let Some(file) = files.and_then(|files| files.get(0)) {
            importing.choose(file);
        }
    };
    let chosen = move |_| {
        let Some(input) = input.get_untracked() else {
            return;
        };
        take(input.files());
        // Lets the same file be chosen again after it was corrected.
        input.set_value("");
    };
    let dropped = move |event: DragEvent| {
        event.prevent_default();
        over.set(false);
        take(event.data_transfer().and_then(|data| data.files()));
    };
    view! {
        <noscript inner_html=format!(
            "<div class=\"banner wait\"><div><strong>{}</strong><div>{} <code>muster import people.csv --institution {} --dry-run</code></div></div></div>",
            td_string!(locale, imports.no_script_title),
            td_string!(locale, imports.no_script_text),
            importing.slug.get_value(),
        )></noscript>
        {move || importing.gone.get().then(|| view! {
            <Banner kind=BannerKind::Bad>{td!(locale, imports.gone)}</Banner>
        })}
        {move || importing.broken.get().then(|| view! {
            <Banner kind=BannerKind::Bad title=td_string!(locale, imports.broken_title)>
                {td!(locale, imports.broken_text)}
            </Banner>
        })}
        <section class="card pad import-file">
            <label
                class="drop"
                class:over=move || over.get()
                on:dragover=move |event: DragEvent| {
                    event.prevent_default();
                    over.set(true);
                }
                on:dragleave=move |_| over.set(false)
                on:drop=dropped
            >
                <span class="medal"><Icon name=IconName::Upload/></span>
                <strong>{td!(locale, imports.drop)}</strong>
                <span class="muted">{td!(locale, imports.drop_hint)}</span>
                <span class="btn primary">{td!(locale, imports.choose_file)}</span>
                <input
                    node_ref=input
                    type="file"
                    class="visually-hidden"
                    accept=".csv,.tsv,.tab,.txt,text/csv,text/tab-separated-values,text/plain"
                    disabled=move || !alive.get()
                    on:change=chosen
                />
            </label>
            <p class="muted">
                {td!(locale, imports.template_hint)}
                " "
                <a href=template rel="external" download="">{td!(locale, imports.template)}</a>
            </p>
            <ul class="promises">
                <li><Icon name=IconName::ShieldCheck/>{td!(locale, imports.promise_local)}</li>
                <li><Icon name=IconName::Languages/>{td!(locale, imports.promise_any)}</li>
                <li><Icon name=IconName::Undo2/>{td!(locale, imports.promise_undo)}</li>
            </ul>
        </section>
    }
    .into_any()
}
