//! Chips: a state by color, icon and word.

use leptos::prelude::*;

use super::{Icon, IconName, MaybeWords, Words};

/// The meaning of a chip, which determines its color and the icon of a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChipKind {
    /// Normal.
    Active,
    /// Waiting for someone else.
    Pending,
    /// Failed or expired.
    Expired,
    Locked,
    /// Disabled.
    Off,
    /// Not started.
    Waiting,
}

impl ChipKind {
    pub(super) const fn class(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Pending => "pending",
            Self::Expired => "expired",
            Self::Locked => "locked",
            Self::Off => "off",
            Self::Waiting => "waiting",
        }
    }

    const fn icon(self) -> IconName {
        match self {
            Self::Active => IconName::Check,
            Self::Pending => IconName::Clock,
            Self::Expired => IconName::TriangleAlert,
            Self::Locked => IconName::Lock,
            Self::Off => IconName::CirclePause,
            Self::Waiting => IconName::CircleDashed,
        }
    }
}

/// A chip with its own text.
#[component]
pub fn Chip(
    kind: ChipKind,
    #[prop(optional_no_strip, into)] icon: Option<IconName>,
    children: Children,
) -> impl IntoView {
    view! {
        <span class=format!("chip {}", kind.class())>
            <Icon name=icon.unwrap_or_else(|| kind.icon())/>
            {children()}
        </span>
    }
    .into_any()
}

/// The state in the right column, with a detail below it: “21 h left”.
#[component]
pub fn StateChip(
    kind: ChipKind,
    #[prop(into)] word: Words,
    #[prop(optional_no_strip, into)] icon: Option<IconName>,
    #[prop(optional, into)] note: MaybeWords,
) -> impl IntoView {
    view! {
        <span class="state">
            <Chip kind=kind icon=icon>{move || word.get()}</Chip>
            {move || note.get().map(|note| view! { <small>{note}</small> })}
        </span>
    }
    .into_any()
}
