//! The results of the search palette: people from the server, pages and actions from the browser.

use i18n::*;
use leptos::{prelude::*, task::spawn_local};
use muster::{account_state::AccountState, failure::Failure, permission::Permission};
use rpc::{
    Refusal,
    shell::ShellView,
    users::{Found, find_users},
};

use super::encoded;
use crate::ui::{Debounce, IconName};

/// The icon or monogram of a hit.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Mark {
    Icon(IconName),
    Person(AccountState),
}

/// A hit.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Hit {
    /// Identifies the hit while the dialog is open.
    pub key: String,
    pub href: String,
    pub mark: Mark,
    pub text: String,
    pub detail: String,
    /// Whether its page is loaded from the server: another institution may use another language.
    pub external: bool,
}

/// Hits of one kind.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Group {
    pub code: &'static str,
    pub title: String,
    pub hits: Vec<Hit>,
}

/// The state of the search. Until the next answer arrives, earlier hits that still match stay.
#[derive(Clone, Copy)]
pub(super) struct Search {
    /// The content of the field.
    pub typed: RwSignal<String>,
    /// The query of the list: the input after the field has shown it. On a phone, rendering the list takes longer than
    /// a letter may be delayed.
    pub query: RwSignal<String>,
    /// Whether a request is in progress.
    pub looking: RwSignal<bool>,
    pub failure: RwSignal<Option<Failure>>,
    pub groups: Memo<Vec<Group>>,
    /// The key of the hit that Enter opens.
    pub active: Memo<Option<String>>,
    moved_to: RwSignal<Option<String>>,
    people: RwSignal<Vec<Found>>,
    asked: StoredValue<u64>,
    pause: Debounce,
    painted: Debounce,
    view: StoredValue<ShellView>,
}

impl Search {
    pub fn new(view: ShellView) -> Self {
        let locale = use_locale();
        let view = StoredValue::new(view);
        let (typed, query) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
        let looking = RwSignal::new(false);
        let people = RwSignal::new(Vec::<Found>::new());
        let moved_to = RwSignal::new(None::<String>);
        let groups = Memo::new(move |_| {
            let (query, looking) = (query.get(), looking.get());
            // Until the answer arrives, only earlier hits that still match are shown.
            let still = |person: &&Found| {
                !looking || fits(&format!("{} {}", person.name, person.email), &query)
            };
            let people: Vec<Found> =
                people.with(|people| people.iter().filter(still).cloned().collect());
            view.with_value(|view| groups(locale, view, &query, &people))
        });
        let active = Memo::new(move |_| {
            groups.with(|groups| {
                let mut keys = groups.iter().flat_map(|group| &group.hits);
                let chosen = moved_to
                    .get()
                    .filter(|key| keys.clone().any(|hit| hit.key == *key));
                chosen.or_else(|| keys.next().map(|hit| hit.key.clone()))
            })
        });
        Self {
            typed,
            query,
            looking,
            failure: RwSignal::new(None),
            groups,
            active,
            moved_to,
            people,
            asked: StoredValue::new(0),
            pause: Debounce::new(),
            painted: Debounce::new(),
            view,
        }
    }

    /// Searches for the input after it has been painted, and for people after a pause.
    pub fn type_in(self, text: String) {
        self.typed.set(text);
        self.painted.after_paint(move || self.catch_up());
    }

    /// Updates the list to the input.
    pub fn catch_up(self) {
        let text = self.typed.get_untracked();
        let words = text.trim().to_owned();
        let same = self.query.with_untracked(|query| query.trim() == words);
        if same {
            return;
        }
        self.query.set(text);
        self.moved_to.set(None);
        self.failure.set(None);
        // A pending answer now belongs to an older query.
        self.asked.update_value(|asked| *asked += 1);
        let (slug, may) = self.view.with_value(|view| {
            let may = view.permissions.contains(Permission::ViewUsers);
            (view.institution.slug.clone(), may)
        });
        if words.is_empty() || !may {
            self.pause.cancel();
            self.people.set(Vec::new());
            self.looking.set(false);
            return;
        }
        self.looking.set(true);
        let question = self.asked.get_value();
        self.pause.after_pause(move || {
            spawn_local(async move {
                let answer = find_users(slug, words).await;
                if self.asked.try_get_value() != Some(question) {
                    return;
                }
                self.looking.set(false);
                match answer {
                    Ok(found) => self.people.set(found),
                    Err(Refusal(failure)) => {
                        self.people.set(Vec::new());
                        self.failure.set(Some(failure));
                    }
                }
            });
        });
    }

    /// Moves the active hit by this number, wrapping around.
    pub fn step(self, by: isize) {
        self.catch_up();
        let keys: Vec<String> = self.groups.with_untracked(|groups| {
            let hits = groups.iter().flat_map(|group| &group.hits);
            hits.map(|hit| hit.key.clone()).collect()
        });
        let active = self.active.get_untracked();
        let here = keys
            .iter()
            .position(|key| Some(key) == active.as_ref())
            .and_then(|place| isize::try_from(place).ok());
        let (Some(here), Ok(count)) = (here, isize::try_from(keys.len())) else {
            return;
        };
        let there = (here + by).rem_euclid(count);
        self.moved_to.set(
            usize::try_from(there)
                .ok()
                .and_then(|place| keys.get(place).cloned()),
        );
    }
}

/// Returns the id of a hit's element.
pub(super) fn option_id(key: &str) -> String {
    format!("palette-{key}")
}

fn groups(locale: Locale, view: &ShellView, query: &str, people: &[Found]) -> Vec<Group> {
    let query = query.trim();
    let home = format!("/i/{}", view.institution.slug);
    let may = |permission| view.permissions.contains(permission);
    let people = people
        .iter()
        .map(|person| Hit {
            key: format!("person-{}", person.id),
            href: format!("{home}/users/{}", person.id),
            mark: Mark::Person(person.state),
            text: person.name.clone(),
            detail: if person.name == person.email {
                String::new()
            } else {
                person.email.clone()
            },
            external: false,
        })
        .collect();
    let fitting = |hits: Vec<Option<Hit>>| -> Vec<Hit> {
        let fits = |hit: &Hit| fits(&hit.text, query);
        hits.into_iter().flatten().filter(fits).collect()
    };
    let all = (!query.is_empty() && may(Permission::ViewUsers)).then(|| {
        hit(
            "all",
            format!("{home}/users?q={}", encoded(query)),
            IconName::Search,
            &td_string!(locale, home.search_all, query = query.to_owned()),
        )
    });
    let mut actions = fitting(actions(locale, view, &home));
    actions.extend(all);
    [
        (
            "people",
            td_string!(locale, home.search_people).to_owned(),
            people,
        ),
        (
            "pages",
            td_string!(locale, home.search_pages).to_owned(),
            fitting(pages(locale, view, &home)),
        ),
        (
            "actions",
            td_string!(locale, home.search_actions).to_owned(),
            actions,
        ),
    ]
    .into_iter()
    .filter(|(_, _, hits): &(_, _, Vec<Hit>)| !hits.is_empty())
    .map(|(code, title, hits)| Group { code, title, hits })
    .collect()
}

fn pages(locale: Locale, view: &ShellView, home: &str) -> Vec<Option<Hit>> {
    let sees = view.permissions.contains(Permission::ViewUsers);
    let users = td_string!(locale, home.users);
    let invitations = td_string!(locale, home.invitations);
    let mailbox = td_string!(locale, home.mailbox);
    vec![
        Some(hit(
            "home",
            home.to_owned(),
            IconName::House,
            td_string!(locale, common.home),
        )),
        sees.then(|| hit("users", format!("{home}/users"), IconName::Users, users)),
        sees.then(|| {
            let href = format!("{home}/invitations");
            hit("invitations", href, IconName::Mail, invitations)
        }),
        may_import(view).then(|| {
            let href = format!("{home}/imports");
            let word = td_string!(locale, home.imports);
            hit("imports", href, IconName::Upload, word)
        }),
        Some(hit(
            "profile",
            "/profile".to_owned(),
            IconName::IdCard,
            td_string!(locale, home.profile),
        )),
        view.dev_mailbox.then(|| {
            hit(
                "mailbox",
                "/dev/mailbox".to_owned(),
                IconName::Inbox,
                mailbox,
            )
        }),
    ]
}

fn actions(locale: Locale, view: &ShellView, home: &str) -> Vec<Option<Hit>> {
    let invites = view.permissions.contains(Permission::InviteUsers);
    let (invite, create) = (
        td_string!(locale, home.action_invite),
        td_string!(locale, home.action_create_user),
    );
    let others = view
        .institutions
        .iter()
        .filter(|choice| choice.slug != view.institution.slug)
        .map(|choice| {
            let words = td_string!(locale, home.action_switch, name = choice.name.clone());
            let mut hit = hit(
                &format!("switch-{}", choice.slug),
                format!("/i/{}", choice.slug),
                IconName::Building2,
                &words,
            );
            hit.external = true;
            Some(hit)
        });
    [
        invites.then(|| hit("invite", format!("{home}/invite"), IconName::Mail, invite)),
        invites.then(|| {
            let href = format!("{home}/users/new");
            hit("create-user", href, IconName::UserPlus, create)
        }),
        may_import(view).then(|| {
            let href = format!("{home}/imports/new");
            let word = td_string!(locale, home.action_import);
            hit("import", href, IconName::Upload, word)
        }),
    ]
    .into_iter()
    .chain(others)
    .collect()
}

/// Returns whether the caller may import: inviting or editing is enough.
pub(super) fn may_import(view: &ShellView) -> bool {
    [Permission::InviteUsers, Permission::EditUsers]
        .into_iter()
        .any(|permission| view.permissions.contains(permission))
}

fn hit(key: &str, href: String, icon: IconName, text: &str) -> Hit {
    Hit {
        key: key.to_owned(),
        href,
        mark: Mark::Icon(icon),
        text: text.to_owned(),
        detail: String::new(),
        external: false,
    }
}

/// Returns whether each word of the query is a prefix of a word of the text.
fn fits(text: &str, query: &str) -> bool {
    let text = text.to_lowercase();
    query.to_lowercase().split_whitespace().all(|wanted| {
        text.split(|character: char| !character.is_alphanumeric())
            .any(|word| word.starts_with(wanted))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_by_their_beginnings_in_any_order() {
        assert!(fits("Invite people", "inv"));
        assert!(fits("Invite people", "peo INV"));
        assert!(fits("Switch to St. Mary’s", "mary"));
        assert!(fits("Home", ""));
        assert!(!fits("Invite people", "vite"));
        assert!(!fits("Invite people", "invite users"));
    }
}
