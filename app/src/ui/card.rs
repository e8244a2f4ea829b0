//! Cards: the surfaces that content stands on, and the facts on them.

use leptos::prelude::*;

use super::{Brand, MaybeWords, Words};

/// A surface, with a title where it needs one.
#[component]
pub fn Card(#[prop(optional, into)] title: MaybeWords, children: Children) -> impl IntoView {
    view! {
        <section class="card pad">
            {move || title.get().map(|title| view! { <h2>{title}</h2> })}
            {children()}
        </section>
    }
    .into_any()
}

/// Pairs of a term and what it is, set on a sunken ground.
#[component]
pub fn Facts(children: Children) -> impl IntoView {
    view! { <dl class="facts">{children()}</dl> }.into_any()
}

/// One pair. Long values break rather than run out.
#[component]
pub fn Fact(#[prop(into)] term: Words, children: Children) -> impl IntoView {
    view! { <div><dt>{move || term.get()}</dt><dd>{children()}</dd></div> }.into_any()
}

/// A card of facts with a title and what can be done about them.
#[component]
pub fn DetailCard(
    #[prop(into)] title: Words,
    #[prop(optional, into)] actions: Option<ViewFn>,
    children: Children,
) -> impl IntoView {
    view! {
        <section class="card details">
            <header>
                <h2>{move || title.get()}</h2>
                {actions.map(|actions| view! { <div class="row">{actions.run()}</div> })}
            </header>
            <dl>{children()}</dl>
        </section>
    }
    .into_any()
}

/// One thing that can be done, and what it will do, before it is done.
#[component]
pub fn ActionCard(
    #[prop(into)] title: Words,
    #[prop(into)] text: Words,
    #[prop(optional)] danger: bool,
    children: Children,
) -> impl IntoView {
    view! {
        <section class="card action" class:danger=danger>
            <div>
                <h3>{move || title.get()}</h3>
                <p>{move || text.get()}</p>
            </div>
            <div class="do">{children()}</div>
        </section>
    }
    .into_any()
}

/// A whole page of one card: signing in, setting up, accepting.
#[component]
pub fn CardPage(
    /// For forms in two columns.
    #[prop(optional)]
    wide: bool,
    /// Small print under the card.
    #[prop(optional, into)]
    below: Option<ViewFn>,
    children: Children,
) -> impl IntoView {
    view! {
        <div class="accept" class:wide-card=wide>
            <header><Brand/></header>
            <main id="main" class="card">{children()}</main>
            {below.map(|below| view! { <footer>{below.run()}</footer> })}
        </div>
    }
    .into_any()
}
