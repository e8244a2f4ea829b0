//! Cards, and the facts on them.

use leptos::prelude::*;

use super::{Brand, MaybeWords, Words};

/// A card with an optional title.
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

/// A list of terms and values on a recessed background.
#[component]
pub fn Facts(children: Children) -> impl IntoView {
    view! { <dl class="facts">{children()}</dl> }.into_any()
}

/// A term and its value. Long values wrap.
#[component]
pub fn Fact(#[prop(into)] term: Words, children: Children) -> impl IntoView {
    view! { <div><dt>{move || term.get()}</dt><dd>{children()}</dd></div> }.into_any()
}

/// A card of facts with a title and actions.
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

/// An action with a description of what it does.
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

/// A page with a single card: sign-in, set-up, acceptance.
#[component]
pub fn CardPage(
    /// Whether the card is wide, for forms in two columns.
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
