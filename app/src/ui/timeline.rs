//! A timeline: the steps of one item in order, each with its time.

use leptos::prelude::*;

use super::{ChipKind, Icon, IconName, MaybeWords, Words};

/// One step.
#[derive(Clone, Copy, Debug)]
pub struct TimelineItem {
    kind: ChipKind,
    icon: IconName,
    title: Words,
    when: MaybeWords,
    note: MaybeWords,
}

impl TimelineItem {
    pub fn new(kind: ChipKind, icon: IconName, title: impl Into<Words>) -> Self {
        Self {
            kind,
            icon,
            title: title.into(),
            when: MaybeWords::default(),
            note: MaybeWords::default(),
        }
    }

    /// Sets the time of the step, or its deadline.
    #[must_use]
    pub fn when(mut self, when: impl Into<MaybeWords>) -> Self {
        self.when = when.into();
        self
    }

    /// Sets a note: who did it, or the mail server's answer.
    #[must_use]
    pub fn note(mut self, note: impl Into<MaybeWords>) -> Self {
        self.note = note.into();
        self
    }
}

#[component]
pub fn Timeline(#[prop(into)] label: Words, items: Vec<TimelineItem>) -> impl IntoView {
    view! {
        <ol class="timeline" aria-label=move || label.get()>
            {items
                .into_iter()
                .map(|TimelineItem { kind, icon, title, when, note }| view! {
                    <li class=kind.class()>
                        <span class="knot"><Icon name=icon/></span>
                        <div>
                            <p class="what">
                                <strong>{move || title.get()}</strong>
                                {move || when.get().map(|when| view! { <small>{when}</small> })}
                            </p>
                            {move || note.get().map(|note| view! { <p class="more">{note}</p> })}
                        </div>
                    </li>
                })
                .collect_view()}
        </ol>
    }
    .into_any()
}
