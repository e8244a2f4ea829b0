//! What holds for every input, not only for the vectors. proptest needs processes and files, so this one
//! stays native.
#![cfg(not(target_arch = "wasm32"))]

use muster::email::EmailAddress;
use muster::institution::{InstitutionName, Slug, TimeZone};
use muster::language::Language;
use muster::password::Password;
use muster::person_name::PersonName;
use muster::phone::PhoneNumber;
use muster::username::{MAX_LENGTH, MIN_LENGTH, Username, UsernameViolation, propose, violations};
use proptest::prelude::*;

const ORDER: [&str; 8] = [
    "too_short",
    "too_long",
    "email_address",
    "invalid_character",
    "period_placement",
    "contains_name",
    "generic_term",
    "extension",
];

fn codes(username: &str, first: &str, last: &str) -> Vec<&'static str> {
    violations(username, first, last)
        .iter()
        .map(UsernameViolation::code)
        .collect()
}

/// Usernames near the rules' edges, now and then of anything.
fn usernames() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "([a-eA-E]{1,4}|[.]|[0-9]{1,3}|admin|Test|com|NET|al|Kes|neil|Marie|@|é){0,6}",
        2 => "[a-zA-Z0-9.]{0,70}",
        1 => any::<String>(),
    ]
}

/// Names that often are in such usernames, now and then anything.
fn names() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "([a-eA-E]{1,4}|Al|kes|Neil|marie|é|ß|[ '’,.-]){0,5}",
        2 => "(Al|Kes|Neil|Marie)([ '’,.-](Al|kes|Neil|marie|太郎)){0,2}",
        2 => "[A-Z][a-zäöüéñ]{1,8}([ -][A-Z][a-z]{1,8}){0,2}",
        1 => any::<String>(),
    ]
}

/// The table of `docs/RULES.md` once more, written for its words and not for speed.
fn by_the_table(username: &str, first: &str, last: &str) -> Vec<&'static str> {
    let low = username.to_lowercase();
    let squeezed = low.replace('.', "");
    let segments: Vec<&str> = low.split('.').collect();
    let plain = |text: &str| text.chars().all(|c| c.is_ascii_alphanumeric());
    let has_name = |name: &str| {
        let folded = folded(name);
        let parts: Vec<&str> = folded
            .split(|c: char| c.is_whitespace() || "-‐'’.,".contains(c))
            .filter(|part| !part.is_empty())
            .collect();
        let whole = parts.concat();
        (whole.len() >= 3 && plain(&whole) && squeezed.contains(&whole))
            || (whole.len() == 2 && plain(&whole) && segments.contains(&whole.as_str()))
            || (parts.len() > 1
                && parts
                    .iter()
                    .any(|part| part.len() >= 4 && plain(part) && squeezed.contains(part)))
    };
    let terms = "account admin administrator anonymous contact default demo email everyone guest help info login mail \
        manager nobody noreply null office operator owner postmaster public root sales service staff support system \
        team test undefined user webmaster";
    let endings = "com net org edu gov mil int info biz io co app dev";
    let listed = |list: &str, word: &str| {
        list.split(' ')
            .any(|entry| entry == word && !word.is_empty())
    };
    let length = username.chars().count();
    [
        length < 6,
        length > 64,
        username.contains('@'),
        username
            .chars()
            .any(|c| !c.is_ascii_alphanumeric() && c != '.' && c != '@'),
        username.starts_with('.') || username.ends_with('.') || username.contains(".."),
        has_name(first) || has_name(last),
        segments.iter().any(|segment| {
            listed(
                terms,
                segment.trim_end_matches(|c: char| c.is_ascii_digit()),
            )
        }),
        segments
            .iter()
            .skip(1)
            .any(|segment| listed(endings, segment)),
    ]
    .into_iter()
    .zip(ORDER)
    .filter_map(|(broken, code)| broken.then_some(code))
    .collect()
}

fn folded(name: &str) -> String {
    use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};
    let low = name
        .nfkd()
        .collect::<String>()
        .chars()
        .flat_map(char::to_lowercase)
        .collect::<String>();
    let bare: String = low.chars().filter(|c| !is_combining_mark(*c)).collect();
    [
        ("ß", "ss"),
        ("æ", "ae"),
        ("œ", "oe"),
        ("ø", "o"),
        ("đ", "d"),
        ("ł", "l"),
        ("þ", "th"),
        ("ð", "d"),
        ("ı", "i"),
    ]
    .iter()
    .fold(bare, |text, (from, to)| text.replace(from, to))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2048, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_quick_judgement_is_the_tables(username in usernames(), first in names(), last in names()) {
        prop_assert_eq!(codes(&username, &first, &last), by_the_table(&username, &first, &last));
    }

    #[test]
    fn each_rule_is_named_once_in_the_tables_order(username in any::<String>(), first in any::<String>(), last in any::<String>()) {
        let places: Vec<_> = codes(&username, &first, &last).iter().map(|code| ORDER.iter().position(|c| c == code)).collect();
        prop_assert!(places.windows(2).all(|pair| pair[0] < pair[1]), "{:?}", places);
        prop_assert!(places.iter().all(Option::is_some));
    }

    #[test]
    fn case_never_helps(username in "[a-zA-Z0-9.]{0,20}", first in names(), last in names()) {
        let expected = codes(&username, &first, &last);
        prop_assert_eq!(&codes(&username.to_uppercase(), &first, &last), &expected);
        prop_assert_eq!(&codes(&username.to_lowercase(), &first.to_uppercase(), &last.to_lowercase()), &expected);
    }

    #[test]
    fn first_and_last_name_weigh_the_same(username in usernames(), first in names(), last in names()) {
        prop_assert_eq!(codes(&username, &first, &last), codes(&username, &last, &first));
    }

    #[test]
    fn no_period_hides_a_name(username in "[a-z]{3,10}", at in 1..3_usize, name in "[a-z]{3,6}") {
        let with_name = format!("{username}{name}");
        let parted = format!("{}.{}", &with_name[..with_name.len() - at], &with_name[with_name.len() - at..]);
        prop_assert!(codes(&parted, &name, "").contains(&"contains_name"), "{}", parted);
    }

    #[test]
    fn the_first_invalid_character_is_where_it_is_said_to_be(username in any::<String>()) {
        for violation in violations(&username, "", "") {
            if let UsernameViolation::InvalidCharacter { character, position } = violation {
                prop_assert_eq!(username.chars().nth(position as usize - 1), Some(character));
                let before: String = username.chars().take(position as usize - 1).collect();
                prop_assert!(before.chars().all(|c| c.is_ascii_alphanumeric() || c == '.' || c == '@'));
            }
        }
    }

    #[test]
    fn a_username_taken_fits_the_databases_own_constraints(username in usernames(), first in names(), last in names()) {
        if let Ok(taken) = Username::parse(&username, &first, &last) {
            prop_assert_eq!(taken.as_str(), username.as_str());
            prop_assert!((MIN_LENGTH as usize..=MAX_LENGTH as usize).contains(&username.len()));
            prop_assert!(username.split('.').all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric())));
            prop_assert_eq!(taken.lower(), username.to_lowercase());
        }
    }

    #[test]
    fn a_proposal_keeps_the_rules_for_any_name(first in names(), last in names(), random in any::<u64>()) {
        let username = propose(&first, &last, random);
        prop_assert_eq!(violations(username.as_str(), &first, &last), vec![]);
        prop_assert_eq!(propose(&first, &last, random), username);
    }

    #[test]
    fn a_proposal_keeps_the_rules_for_a_name_made_of_what_it_would_propose(seeds in prop::collection::vec(any::<u64>(), 1..12), random in any::<u64>()) {
        let name: String = seeds.iter().map(|seed| propose("", "", *seed).as_str()[..5].to_owned() + " ").collect();
        prop_assert_eq!(violations(propose(&name, &name, random).as_str(), &name, &name), vec![]);
    }

    #[test]
    fn nothing_typed_makes_a_parser_panic(raw in any::<String>(), other in any::<String>()) {
        let _ = Username::parse(&raw, &other, &raw);
        let _ = EmailAddress::parse(&raw);
        let _ = PersonName::parse(&raw);
        let _ = PhoneNumber::parse(&raw);
        let _ = Password::parse(&raw, &[&other]);
        let _ = InstitutionName::parse(&raw);
        let _ = TimeZone::parse(&raw);
        let _ = Language::best_match(&raw);
        let _ = muster::draft::rows_from_paste(&raw);
    }

    #[test]
    fn the_canonical_address_is_its_own_canonical_form(raw in "[ ]?[a-zA-Z0-9.+'é]{1,12}@[a-zA-Z0-9üßıλ中。ｅ.-]{1,16}[.](org|DE|example|рф)") {
        if let Ok(address) = EmailAddress::parse(&raw) {
            prop_assert!(address.as_str().is_ascii() && address.as_str().len() <= 254);
            prop_assert!(!address.as_str().contains(|c: char| c.is_ascii_uppercase() || c.is_whitespace() || c.is_control()));
            prop_assert_eq!(EmailAddress::parse(address.as_str()), Ok(address));
        }
    }

    #[test]
    fn an_address_with_any_domain_is_canonical_or_refused(domain in any::<String>()) {
        if let Ok(address) = EmailAddress::parse(&format!("marty@{domain}")) {
            prop_assert!(address.as_str().bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"@.-".contains(&b)), "{}", address);
            prop_assert_eq!(EmailAddress::parse(address.as_str()), Ok(address));
        }
    }

    #[test]
    fn a_name_taken_stays_the_same(raw in any::<String>()) {
        if let Ok(name) = PersonName::parse(&raw) {
            prop_assert!(!name.as_str().chars().any(char::is_control));
            prop_assert_eq!(PersonName::parse(name.as_str()), Ok(name));
        }
    }

    #[test]
    fn any_name_gives_a_slug(name in any::<String>(), number in any::<u32>()) {
        let slug = Slug::from_name(&name);
        prop_assert_eq!(Slug::parse(slug.as_str()), Ok(slug.clone()));
        prop_assert!(Slug::parse(slug.with_number(number).as_str()).is_ok());
    }

    #[test]
    fn a_number_taken_is_a_plus_and_digits(raw in "[+]?[0-9 ()-]{0,20}") {
        if let Ok(Some(number)) = PhoneNumber::parse(&raw) {
            prop_assert!(number.as_str().len() <= 16 && number.as_str()[1..].bytes().all(|b| b.is_ascii_digit()));
            prop_assert_eq!(PhoneNumber::parse(number.as_str()), Ok(Some(number)));
        }
    }
}
