//! The head of a page, and tabs that are links.

use leptos::prelude::*;

use super::{Icon, IconName, MaybeWords, Words};

/// The title, a line about it, and the page's actions.
#[component]
pub fn PageHead(
    #[prop(into)] title: Words,
    #[prop(optional, into)] text: MaybeWords,
    /// How many there are of what the page shows, beside the title; read aloud when it changes.
    #[prop(optional, into)]
    count: Option<Words>,
    /// Where the page came from: address and word.
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

    /// How many there are, as the reader's language writes numbers.
    #[must_use]
    pub fn count(mut self, count: impl Into<String>) -> Self {
        self.count = Some(count.into());
        self
    }
}

/// Views of one list, each with its address.
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
