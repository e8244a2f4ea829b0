//! The header of a page, and tabs that are links.

use leptos::prelude::*;

use super::{Icon, IconName, MaybeWords, Words};

/// The title, a line of text, and the page's actions.
#[component]
pub fn PageHead(
    #[prop(into)] title: Words,
    #[prop(optional, into)] text: MaybeWords,
    /// The number of items, beside the title; announced when it changes.
    #[prop(optional, into)]
    count: Option<Words>,
    /// The link back: URL and text.
    #[prop(optional)]
    back: Option<(String, Words)>,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    view! {
        <header class="head">
            <div class="grow">
                {back.map(|(href, word)| view! {
                    <a class="back" href=href><Icon name=IconName::ArrowLeft/>{move || word.get()}</a>
                })}
                {match count {
                    None => view! { <h1>{move || title.get()}</h1> }.into_any(),
                    Some(count) => view! {
                        <div class="title-line">
                            <h1>{move || title.get()}</h1>
                            <span class="muted" role="status">{move || count.get()}</span>
                        </div>
                    }
                    .into_any(),
                }}
                {move || text.get().map(|text| view! { <p class="muted">{text}</p> })}
            </div>
            {children.map(|children| view! { <div class="row">{children()}</div> })}
        </header>
    }
    .into_any()
}

/// One tab.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tab {
    href: String,
    text: String,
    current: bool,
    count: Option<String>,
}

impl Tab {
    pub fn new(href: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            href: href.into(),
            text: text.into(),
            current: false,
            count: None,
        }
    }

    #[must_use]
    pub fn current(mut self, current: bool) -> Self {
        self.current = current;
        self
    }

    /// Sets the number of items, formatted for the reader's language.
    #[must_use]
    pub fn count(mut self, count: impl Into<String>) -> Self {
        self.count = Some(count.into());
        self
    }
}

/// Tabs for the views of one list, each with its URL.
#[component]
pub fn Tabs(#[prop(into)] label: Words, #[prop(into)] items: Signal<Vec<Tab>>) -> impl IntoView {
    view! {
        <nav class="tabs" aria-label=move || label.get()>
            {move || {
                items
                    .get()
                    .into_iter()
                    .map(|tab| view! {
                        <a href=tab.href aria-current=tab.current.then_some("true")>
                            {tab.text}
                            {tab.count.map(|count| view! { <b>{count}</b> })}
                        </a>
                    })
                    .collect_view()
            }}
        </nav>
    }
    .into_any()
}
