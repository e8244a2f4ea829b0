//! Buttons, and links that look like buttons.

use leptos::{ev::MouseEvent, prelude::*};

use super::{Icon, IconName, MaybeWords, Words};

/// The emphasis of a button.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ButtonKind {
    /// The main action of a page.
    Primary,
    #[default]
    Plain,
    Ghost,
    /// A destructive action.
    Danger,
    /// The confirmation of a destructive action, in a dialog.
    Destroy,
    /// Looks like a link in a sentence.
    Link,
}

pub(super) const fn button_class(kind: ButtonKind, big: bool) -> &'static str {
    match (kind, big) {
        (ButtonKind::Primary, false) => "btn primary",
        (ButtonKind::Primary, true) => "btn primary big",
        (ButtonKind::Plain, false) => "btn",
        (ButtonKind::Plain, true) => "btn big",
        (ButtonKind::Ghost, false) => "btn ghost",
        (ButtonKind::Ghost, true) => "btn ghost big",
        (ButtonKind::Danger, false) => "btn danger",
        (ButtonKind::Danger, true) => "btn danger big",
        (ButtonKind::Destroy, false) => "btn primary danger",
        (ButtonKind::Destroy, true) => "btn primary danger big",
        (ButtonKind::Link, _) => "link",
    }
}

/// A button. While `pending` or `disabled` it keeps the focus and its place and does nothing; `why` is the rule that
/// forbids the action.
#[component]
pub fn Button(
    #[prop(optional)] kind: ButtonKind,
    #[prop(optional)] big: bool,
    /// Whether it submits its form.
    #[prop(optional)]
    submit: bool,
    #[prop(optional, into)] pending: Signal<bool>,
    #[prop(optional, into)] disabled: Signal<bool>,
    #[prop(optional, into)] why: MaybeWords,
    #[prop(optional, into)] icon: Option<IconName>,
    /// The label of a button that has only an icon.
    #[prop(optional, into)]
    label: Option<Words>,
    #[prop(optional, into)] name: Option<String>,
    #[prop(optional, into)] value: Option<String>,
    #[prop(optional, into)] form: Option<String>,
    #[prop(optional, into)] formaction: Option<String>,
    #[prop(optional, into)] on_click: Option<Callback<MouseEvent>>,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    let stopped = move || pending.get() || disabled.get();
    view! {
        <button
            // A disabled button must not submit even if no script can intercept the click.
            type=move || if submit && !disabled.get() { "submit" } else { "button" }
            class=button_class(kind, big)
            class:pending=move || pending.get()
            class:square=label.is_some()
            aria-disabled=move || stopped().then_some("true")
            aria-busy=move || pending.get().then_some("true")
            aria-label=move || label.map(Words::get)
            name=name
            value=value
            form=form
            formaction=formaction
            on:click=move |event| {
                if pending.get_untracked() || disabled.get_untracked() {
                    event.prevent_default();
                } else if let Some(act) = on_click {
                    act.run(event);
                }
            }
        >
            {icon.map(|name| view! { <Icon name=name/> })}
            {children.map(|children| children())}
            {move || why.get().map(|why| view! { <span class="why">{why}</span> })}
        </button>
    }
    .into_any()
}

/// A link that looks like a button: it navigates and changes nothing.
#[component]
pub fn ButtonLink(
    #[prop(into)] href: String,
    #[prop(optional)] kind: ButtonKind,
    #[prop(optional)] big: bool,
    #[prop(optional, into)] icon: Option<IconName>,
    #[prop(optional, into)] label: Option<Words>,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    view! {
        <a
            class=button_class(kind, big)
            class:square=label.is_some()
            href=href
            aria-label=move || label.map(Words::get)
        >
            {icon.map(|name| view! { <Icon name=name/> })}
            {children.map(|children| children())}
        </a>
    }
    .into_any()
}
