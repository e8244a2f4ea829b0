//! The view of a list as part of its URL: parsed from it, and written into the page's links without empty values.

use muster::{
    account_state::AccountState,
    users_query::{StateFilter, UserSort, UsersQuery},
};

use crate::shell::encoded;

/// The list of users or of invitations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// All users.
    Users,
    /// Open invitations, including expired ones.
    Invitations,
}

impl Kind {
    /// Returns the list's part of the path.
    pub const fn room(self) -> &'static str {
        match self {
            Self::Users => "users",
            Self::Invitations => "invitations",
        }
    }

    /// Returns the states to filter by, in the order of the menu.
    pub const fn states(self) -> &'static [StateFilter] {
        match self {
            Self::Users => &StateFilter::ALL,
            Self::Invitations => &[
                StateFilter::Is(AccountState::NotNotified),
                StateFilter::Is(AccountState::Pending),
                StateFilter::Is(AccountState::InviteExpired),
            ],
        }
    }

    /// Returns the available orders.
    pub const fn sorts(self) -> &'static [UserSort] {
        match self {
            Self::Users => &UserSort::ALL,
            Self::Invitations => &[UserSort::Name, UserSort::New, UserSort::Old],
        }
    }

    /// Returns the query for the server, or `None` if this list never shows what the URL requests.
    pub fn asked(self, mut query: UsersQuery) -> Option<UsersQuery> {
        if self == Self::Invitations {
            if query.state.is_empty() {
                StateFilter::Invited.code().clone_into(&mut query.state);
            } else if !self.states().iter().any(|it| it.code() == query.state) {
                return None;
            }
        }
        Some(query)
    }
}

/// Parses the query string of a URL. The router's map decodes values twice.
pub fn read(search: &str) -> UsersQuery {
    let mut query = UsersQuery::default();
    for pair in search.trim_start_matches('?').split('&') {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let field = match name {
            "q" => &mut query.q,
            "state" => &mut query.state,
            "role" => &mut query.role,
            "sort" => &mut query.sort,
            "after" => &mut query.after,
            "before" => &mut query.before,
            _ => continue,
        };
        *field = decoded(value);
    }
    query
}

/// Returns the URL of a list with this query.
pub fn href(list: &str, query: &UsersQuery) -> String {
    let pairs: Vec<String> = [
        ("q", &query.q),
        ("state", &query.state),
        ("role", &query.role),
        ("sort", &query.sort),
        ("after", &query.after),
        ("before", &query.before),
    ]
    .into_iter()
    .filter(|(_, value)| !value.is_empty())
    .map(|(name, value)| format!("{name}={}", encoded(value)))
    .collect();
    if pairs.is_empty() {
        list.to_owned()
    } else {
        format!("{list}?{}", pairs.join("&"))
    }
}

/// Returns the query for the first page; every change of a filter starts there.
pub fn from_the_start(query: &UsersQuery) -> UsersQuery {
    UsersQuery {
        after: String::new(),
        before: String::new(),
        ..query.clone()
    }
}

/// Decodes a value as forms and links encode it: `+` for a space, `%2B` for a plus.
fn decoded(value: &str) -> String {
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'+' => bytes.push(b' '),
            b'%' => {
                let mut ahead = rest.clone();
                let digit = |byte: Option<u8>| byte.and_then(|byte| char::from(byte).to_digit(16));
                if let (Some(high), Some(low)) = (digit(ahead.next()), digit(ahead.next()))
                    && let Ok(byte) = u8::try_from(high * 16 + low)
                {
                    bytes.push(byte);
                    rest = ahead;
                } else {
                    bytes.push(b'%');
                }
            }
            other => bytes.push(other),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(q: &str, state: &str) -> UsersQuery {
        UsersQuery {
            q: q.to_owned(),
            state: state.to_owned(),
            ..UsersQuery::default()
        }
    }

    #[test]
    fn an_address_reads_back_and_what_is_empty_is_left_out() {
        for q in ["", "anna beck", "50% + ä&state=x", "%41", "ß"] {
            let query = query(q, "pending");
            let address = href("/i/a/users", &query);
            let (_, search) = address.split_once('?').unwrap();
            assert_eq!(read(search), query, "{address}");
        }
        assert_eq!(href("/i/a/users", &UsersQuery::default()), "/i/a/users");
    }

    #[test]
    fn what_a_form_sends_is_read_too_and_nonsense_does_no_harm() {
        assert_eq!(read("?q=anna+beck&state=&x=1"), query("anna beck", ""));
        assert_eq!(read("q=%zz%4&state"), query("%zz%4", ""));
        assert_eq!(read("q=%ff").q, "\u{fffd}");
    }

    #[test]
    fn invitations_are_open_ones_and_no_others() {
        let asked = |state: &str| Kind::Invitations.asked(query("", state));
        assert_eq!(asked("").unwrap().state, "invited");
        assert_eq!(asked("expired").unwrap().state, "expired");
        assert_eq!(asked("active"), None);
        assert_eq!(Kind::Users.asked(query("", "")).unwrap().state, "");
    }
}
