//! What the search from anywhere finds: people by the server, pages and actions here.

use leptos::{prelude::*, task::spawn_local};
use muster::{account_state::AccountState, failure::Failure, permission::Permission};

use super::{encoded, view::ShellView};
use crate::{
    failure::Refusal,
    i18n::*,
    language::use_locale,
    ui::{Debounce, IconName},
    users::api::{Found, find_users},
};

/// What a hit stands for.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Mark {
    Icon(IconName),
    Person(AccountState),
}

/// One thing that can be chosen.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Hit {
    /// Tells it from the others for as long as the dialog is open.
    pub key: String,
    pub href: String,
    pub mark: Mark,
    pub text: String,
    pub detail: String,
    /// Another institution may speak another language: its page is loaded anew.
    pub external: bool,
}

/// Hits of one kind.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Group {
    pub code: &'static str,
    pub title: String,
    pub hits: Vec<Hit>,
}

/// The state of the search. What was found before stays, as far as it fits, until the next answer is there.
#[derive(Clone, Copy)]
pub(super) struct Search {
    /// What stands in the field.
    pub typed: RwSignal<String>,
    /// What the list is about: what was typed, once the field has shown it. To make the list anew takes a phone longer
    /// than a person who types should wait for the letter.
    pub query: RwSignal<String>,
    /// Whether the server is being asked.
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
            // While the answer is on its way, of what was found before only that stays which still fits.
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

    /// Searches for what was typed, once it is to be seen: people after a pause.
    pub fn type_in(self, text: String) {
        self.typed.set(text);
        self.painted.after_paint(move || self.catch_up());
    }

    /// Makes the list that of what was typed.
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
        // An answer that is still on its way is to another question now.
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

    /// Goes on by so many hits, from the last to the first.
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

/// The id of a hit's element.
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

/// Who may invite or edit may do so by a file.
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

/// Whether each word of the query begins a word of the text.
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
