//! The list while its page lives: what the address asks for, what was answered last, and asking again.

use leptos::{prelude::*, task::spawn_local};
use muster::{failure::Failure, users_query::UsersQuery};

use super::{
    super::api::{self, UserRow, UsersPage},
    address::{self, Kind},
    empty::Shown,
};
use crate::{failure::Refusal, shell::use_shell};

/// What nothing is rendered from: where the list is, and what was asked last.
#[derive(Debug, Clone)]
struct Plain {
    /// The institution's part of the path.
    slug: String,
    /// The list's own path.
    path: String,
    /// The number of the last question: only its answer counts.
    last: u32,
}

/// A list and what it shows.
#[derive(Clone, Copy)]
pub struct List {
    /// Which list.
    pub kind: Kind,
    /// What the address asks for.
    pub query: Memo<UsersQuery>,
    /// Why the last question was not answered.
    pub failure: RwSignal<Option<Failure>>,
    /// Whether an answer is awaited.
    pub loading: RwSignal<bool>,
    /// Whether the page has come alive.
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

    /// Asks whenever the address asks for something else than `first`, which is answered already, and whenever
    /// something was undone.
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

    /// Asks for what the address says, anew.
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
            // Something newer was asked for meanwhile, or the page is gone.
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

    /// The ids of the rows, in their order.
    pub fn ids(self) -> Vec<String> {
        self.read(|page| page.rows.iter().map(|row| row.id.clone()).collect())
            .unwrap_or_default()
    }

    /// The rows that `keep` wants, by what `take` makes of each.
    pub fn rows<T>(self, keep: impl Fn(&UserRow) -> bool, take: impl Fn(&UserRow) -> T) -> Vec<T> {
        self.read(|page| page.rows.iter().filter(|row| keep(row)).map(take).collect())
            .unwrap_or_default()
    }

    /// What stands in the place of the list.
    pub fn shown(self) -> Memo<Shown> {
        Memo::new(move |_| match self.failure.get() {
            Some(Failure::BadRequest | Failure::Invalid(_)) => Shown::Gone,
            Some(failure @ (Failure::SignedOut | Failure::NotFound | Failure::Forbidden)) => {
                Shown::Refused(failure)
            }
            Some(failure) if self.page.with(Option::is_none) => Shown::Refused(failure),
            None | Some(_) => Shown::List,
        })
    }

    /// The institution's part of the path; nothing once the page is gone.
    pub fn slug(self) -> Option<String> {
        self.plain.try_with_value(|plain| plain.slug.clone())
    }

    /// The list's own path.
    pub fn path(self) -> String {
        self.plain.with_value(|plain| plain.path.clone())
    }

    /// The address of this list that shows what `edit` makes of what is shown now, from its first page.
    pub fn href(self, edit: impl FnOnce(&mut UsersQuery)) -> String {
        let mut query = self.query.with(address::from_the_start);
        edit(&mut query);
        address::href(&self.path(), &query)
    }

    /// Whether a search is on: then what matches best comes first.
    pub fn searching(self) -> bool {
        self.query.with(|query| !query.q.trim().is_empty())
    }
}

/// A person's name in sentences: the address where nobody gave a name yet.
pub fn name_of(row: &UserRow) -> String {
    if row.name.trim().is_empty() {
        row.email.clone()
    } else {
        row.name.clone()
    }
}

/// Asks the server.
pub async fn fetch(kind: Kind, slug: String, query: UsersQuery) -> Result<UsersPage, Refusal> {
    if let Some(query) = kind.asked(query) {
        return api::users(slug, query).await;
    }
    #[cfg(feature = "ssr")]
    crate::backend::set_status(&Failure::BadRequest);
    Err(Refusal(Failure::BadRequest))
}
