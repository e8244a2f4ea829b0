//! The state of a list in the browser: the query of the URL, the last answer, and reloading.

use leptos::{prelude::*, task::spawn_local};
use muster::{failure::Failure, users_query::UsersQuery};
use rpc::{
    Refusal,
    users::{UserRow, UsersPage},
};

use super::{
    address::{self, Kind},
    empty::Shown,
};
use crate::shell::use_shell;

/// Data that is not rendered: the list's path and the last request.
#[derive(Debug, Clone)]
struct Plain {
    /// The institution's part of the path.
    slug: String,
    /// The path of the list.
    path: String,
    /// The number of the last request; older answers are ignored.
    last: u32,
}

/// A list and its state.
#[derive(Clone, Copy)]
pub struct List {
    /// Which list.
    pub kind: Kind,
    /// The query of the URL.
    pub query: Memo<UsersQuery>,
    /// Why the last request failed.
    pub failure: RwSignal<Option<Failure>>,
    /// Whether a request is in progress.
    pub loading: RwSignal<bool>,
    /// Whether the page is hydrated.
    pub alive: RwSignal<bool>,
    page: RwSignal<Option<UsersPage>>,
    plain: StoredValue<Plain>,
}

impl List {
    pub fn new(
        kind: Kind,
        slug: String,
        query: Memo<UsersQuery>,
        answer: Result<UsersPage, Refusal>,
    ) -> Self {
        let (page, failure) = match answer {
            Ok(page) => (Some(page), None),
            Err(Refusal(failure)) => (None, Some(failure)),
        };
        let alive = RwSignal::new(false);
        Effect::new(move |_| alive.set(true));
        Self {
            kind,
            query,
            failure: RwSignal::new(failure),
            loading: RwSignal::new(false),
            alive,
            page: RwSignal::new(page),
            plain: StoredValue::new(Plain {
                slug,
                path: use_shell().path(kind.room()),
                last: 0,
            }),
        }
    }

    /// Reloads the list whenever the query differs from `first`, which has been answered already, and after every undo.
    pub fn follow(self, first: UsersQuery) {
        Effect::new(move |before: Option<UsersQuery>| {
            let wanted = self.query.get();
            if wanted != before.unwrap_or_else(|| first.clone()) {
                self.load();
            }
            wanted
        });
        let shell = use_shell();
        Effect::new(move |before: Option<u32>| {
            let undone = shell.undone();
            if before.is_some_and(|before| before != undone) {
                self.load();
            }
            undone
        });
    }

    /// Loads the list for the current URL.
    pub fn load(self) {
        let number = self.plain.try_update_value(|plain| {
            plain.last = plain.last.wrapping_add(1);
            plain.last
        });
        let (Some(query), Some(slug), Some(number)) =
            (self.query.try_get_untracked(), self.slug(), number)
        else {
            return;
        };
        self.loading.set(true);
        spawn_local(async move {
            let answer = fetch(self.kind, slug, query).await;
            // A newer request was sent, or the page was closed.
            if self.plain.try_with_value(|plain| plain.last) != Some(number) {
                return;
            }
            self.loading.set(false);
            match answer {
                Ok(page) => {
                    self.page.set(Some(page));
                    self.failure.set(None);
                }
                Err(Refusal(failure)) => self.failure.set(Some(failure)),
            }
        });
    }

    /// Reads the page that is shown.
    pub fn read<T>(self, read: impl FnOnce(&UsersPage) -> T) -> Option<T> {
        self.page.with(|page| page.as_ref().map(read))
    }

    /// Returns the ids of the rows, in their order.
    pub fn ids(self) -> Vec<String> {
        self.read(|page| page.rows.iter().map(|row| row.id.clone()).collect())
            .unwrap_or_default()
    }

    /// Applies `take` to the rows for which `keep` is true.
    pub fn rows<T>(self, keep: impl Fn(&UserRow) -> bool, take: impl Fn(&UserRow) -> T) -> Vec<T> {
        self.read(|page| page.rows.iter().filter(|row| keep(row)).map(take).collect())
            .unwrap_or_default()
    }

    /// Returns the content in the place of the list.
    pub fn shown(self) -> Memo<Shown> {
        Memo::new(move |_| match self.failure.get() {
            Some(Failure::BadRequest | Failure::Invalid(_)) => Shown::Gone,
            Some(failure @ (Failure::Unauthenticated | Failure::NotFound | Failure::Forbidden)) => {
                Shown::Refused(failure)
            }
            Some(failure) if self.page.with(Option::is_none) => Shown::Refused(failure),
            None | Some(_) => Shown::List,
        })
    }

    /// Returns the institution's slug; `None` after the page was closed.
    pub fn slug(self) -> Option<String> {
        self.plain.try_with_value(|plain| plain.slug.clone())
    }

    /// Returns the path of the list.
    pub fn path(self) -> String {
        self.plain.with_value(|plain| plain.path.clone())
    }

    /// Returns the URL of this list after `edit` changed its query, at the first page.
    pub fn href(self, edit: impl FnOnce(&mut UsersQuery)) -> String {
        let mut query = self.query.with(address::from_the_start);
        edit(&mut query);
        address::href(&self.path(), &query)
    }

    /// Returns whether the list is searched; then the best match comes first.
    pub fn searching(self) -> bool {
        self.query.with(|query| !query.q.trim().is_empty())
    }
}

/// Returns a person's name for sentences: the address if there is no name yet.
pub fn name_of(row: &UserRow) -> String {
    if row.name.trim().is_empty() {
        row.email.clone()
    } else {
        row.name.clone()
    }
}

/// Loads a page of the list from the server.
pub async fn fetch(kind: Kind, slug: String, query: UsersQuery) -> Result<UsersPage, Refusal> {
    if let Some(query) = kind.asked(query) {
        return rpc::users::users(slug, query).await;
    }
    #[cfg(feature = "ssr")]
    rpc::set_status(&Failure::BadRequest);
    Err(Refusal(Failure::BadRequest))
}
