//! Tables that become lists on a phone, and their pager.

use leptos::prelude::*;

use super::{Icon, IconName, MaybeWords, Words};

/// The direction in which a column is sorted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sorted {
    Up,
    Down,
}

/// The header of a column.
#[derive(Clone)]
pub struct Column {
    title: Words,
    head: Option<ViewFn>,
    sorted: Option<Signal<Option<Sorted>>>,
    hide: bool,
    end: bool,
    narrow: bool,
    title_class: Option<&'static str>,
    class: Option<&'static str>,
}

impl Sorted {
    const fn code(self) -> &'static str {
        match self {
            Self::Up => "ascending",
            Self::Down => "descending",
        }
    }
}

impl Column {
    pub fn new(title: impl Into<Words>) -> Self {
        Self {
            title: title.into(),
            head: None,
            sorted: None,
            hide: false,
            end: false,
            narrow: false,
            title_class: None,
            class: None,
        }
    }

    /// Hides the column on phones; its cells have the class `hide`.
    #[must_use]
    pub fn hide(mut self) -> Self {
        self.hide = true;
        self
    }

    /// Aligns the column at the end of the line.
    #[must_use]
    pub fn end(mut self) -> Self {
        self.end = true;
        self
    }

    /// Makes the column as narrow as its content.
    #[must_use]
    pub fn narrow(mut self) -> Self {
        self.narrow = true;
        self
    }

    /// Sets a class of the header, which its cells have too.
    #[must_use]
    pub fn class(mut self, class: &'static str) -> Self {
        self.class = Some(class);
        self
    }

    /// Sets content that replaces the title: the check box that selects all rows.
    #[must_use]
    pub fn head(mut self, head: impl Into<ViewFn>) -> Self {
        self.head = Some(head.into());
        self
    }

    /// Makes the title a link that sorts by this column, if there is a URL.
    #[must_use]
    pub fn sort(mut self, href: Signal<Option<String>>, sorted: Signal<Option<Sorted>>) -> Self {
        let title = self.title;
        self.sorted = Some(sorted);
        self.head = Some(ViewFn::from(move || {
            view! { <SortLink title href sorted/> }
        }));
        self
    }

    /// Shows the title to screen readers only.
    #[must_use]
    pub fn hidden_title(mut self) -> Self {
        self.title_class = Some("visually-hidden");
        self
    }
}

/// The title of a column that sorts by it; plain text if the order is fixed.
#[component]
fn SortLink(
    title: Words,
    href: Signal<Option<String>>,
    sorted: Signal<Option<Sorted>>,
) -> impl IntoView {
    move || match href.get() {
        None => view! { <span>{move || title.get()}</span> }.into_any(),
        Some(href) => view! {
            <a class="sort" class:up=move || sorted.get() == Some(Sorted::Up) href=href>
                {move || title.get()}
                <Icon name=IconName::ChevronDown/>
            </a>
        }
        .into_any(),
    }
}

/// A table on a card. Its children are the rows.
#[component]
pub fn DataTable(
    #[prop(into)] label: Words,
    columns: Vec<Column>,
    #[prop(optional, into)] foot: Option<ViewFn>,
    children: Children,
) -> impl IntoView {
    view! {
        <div class="card table">
            <table>
                <caption class="visually-hidden">{move || label.get()}</caption>
                <thead>
                    <tr>
                        {columns
                            .into_iter()
                            .map(|Column { title, head, sorted, hide, end, narrow, title_class, class }| view! {
                                <th
                                    scope="col"
                                    class=class
                                    class:hide=hide
                                    class:end=end
                                    class:narrow=narrow
                                    aria-sort=move || sorted.and_then(|sorted| sorted.get()).map(Sorted::code)
                                >
                                    {match head {
                                        Some(head) => head.run(),
                                        None => view! { <span class=title_class>{move || title.get()}</span> }.into_any(),
                                    }}
                                </th>
                            })
                            .collect_view()}
                    </tr>
                </thead>
                <tbody>{children()}</tbody>
            </table>
            {foot.map(|foot| view! { <div class="foot">{foot.run()}</div> })}
        </div>
    }
    .into_any()
}

/// Links to the previous and the next page. A missing link stays in place, dimmed.
#[component]
pub fn Pager(
    #[prop(into)] label: Words,
    #[prop(into)] previous_word: Words,
    #[prop(into)] next_word: Words,
    #[prop(optional_no_strip)] previous: Option<String>,
    #[prop(optional_no_strip)] next: Option<String>,
    #[prop(optional, into)] text: MaybeWords,
) -> impl IntoView {
    let previous_text =
        move || view! { <Icon name=IconName::ChevronLeft/>{move || previous_word.get()} };
    let next_text = move || view! { {move || next_word.get()}<Icon name=IconName::ChevronRight/> };
    view! {
        <nav class="pager" aria-label=move || label.get()>
            <span class="grow">{move || text.get()}</span>
            {match previous {
                Some(href) => view! { <a class="btn" rel="prev" href=href>{previous_text()}</a> }.into_any(),
                None => view! { <span class="btn" aria-disabled="true">{previous_text()}</span> }.into_any(),
            }}
            {match next {
                Some(href) => view! { <a class="btn" rel="next" href=href>{next_text()}</a> }.into_any(),
                None => view! { <span class="btn" aria-disabled="true">{next_text()}</span> }.into_any(),
            }}
        </nav>
    }
    .into_any()
}
