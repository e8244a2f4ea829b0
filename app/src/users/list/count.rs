//! Texts for the numbers of a list: the total, and the range of a page.

use i18n::*;
use rpc::users::{Count, UsersPage};

use super::address::Kind;

/// Returns the total: `4,812 people`, `about 1,000,000 people`, `over 10,000 people`.
pub fn people(locale: Locale, kind: Kind, count: Count) -> String {
    let n = grouped(locale, of(count));
    match (kind, count) {
        (Kind::Users, Count::Exact(1)) => td_string!(locale, users.count_singular).to_owned(),
        (Kind::Users, Count::Exact(_)) => td_string!(locale, users.count_plural, count = n),
        (Kind::Users, Count::About(_)) => td_string!(locale, users.count_about, count = n),
        (Kind::Users, Count::Over(_)) => td_string!(locale, users.count_over, count = n),
        (Kind::Invitations, Count::Exact(1)) => {
            td_string!(locale, users.invitations_singular).to_owned()
        }
        (Kind::Invitations, Count::Exact(_)) => {
            td_string!(locale, users.invitations_plural, count = n)
        }
        (Kind::Invitations, Count::About(_)) => {
            td_string!(locale, users.invitations_about, count = n)
        }
        (Kind::Invitations, Count::Over(_)) => {
            td_string!(locale, users.invitations_over, count = n)
        }
    }
}

/// Returns the range of rows, `51–100 of 4,812`, or the total if the position is unknown.
pub fn range(locale: Locale, kind: Kind, page: &UsersPage) -> String {
    let shown = i64::try_from(page.rows.len()).unwrap_or(i64::MAX);
    let Some(first) = page.first.filter(|_| shown > 0) else {
        return people(locale, kind, page.count);
    };
    let last = first.saturating_add(shown - 1);
    let total = grouped(locale, of(page.count).max(last));
    let total = match page.count {
        Count::Exact(_) => total,
        Count::About(_) => td_string!(locale, users.total_about, count = total),
        Count::Over(_) => td_string!(locale, users.total_over, count = total),
    };
    td_string!(
        locale,
        users.range,
        first = grouped(locale, first),
        last = grouped(locale, last),
        total = total
    )
}

const fn of(count: Count) -> i64 {
    match count {
        Count::Exact(count) | Count::About(count) | Count::Over(count) => count,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_says_how_sure_it_is() {
        let users = |count| people(Locale::en, Kind::Users, count);
        assert_eq!(users(Count::Exact(1)), "1 person");
        assert_eq!(users(Count::Exact(4812)), "4,812 people");
        assert_eq!(users(Count::About(1_000_000)), "about 1,000,000 people");
        assert_eq!(users(Count::Over(10_000)), "over 10,000 people");
        assert_eq!(
            people(Locale::de, Kind::Invitations, Count::Over(10_000)),
            "über 10.000 Einladungen"
        );
    }
}
