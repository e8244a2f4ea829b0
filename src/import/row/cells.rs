//! Parses cells whose values have more spellings than a form field.

use crate::folding::{fold, folds_to};
use crate::import::NameOrder;
use crate::language::Language;
use crate::phone::{CallingCode, PhoneNumber};
use crate::problem::Problem;

/// The words for yes and no, folded, in the product's languages and as spreadsheets write them.
const YES: [&str; 12] = [
    "1",
    "true",
    "yes",
    "y",
    "wahr",
    "ja",
    "vrai",
    "oui",
    "verdadero",
    "si",
    "sim",
    "نعم",
];
const NO: [&str; 11] = [
    "0", "false", "no", "n", "falsch", "nein", "faux", "non", "falso", "nao", "لا",
];

/// Parses yes or no.
pub(super) fn yes_or_no(cell: &str) -> Result<bool, Problem> {
    let cell = cell.trim();
    let is_one_of = |words: &[&str]| words.iter().any(|word| folds_to(cell, word));
    if is_one_of(&YES) {
        Ok(true)
    } else if is_one_of(&NO) {
        Ok(false)
    } else {
        Err(Problem::Unknown)
    }
}

/// The names of the UI languages in the product's six languages.
const LANGUAGE_NAMES: [(&str, Language); 12] = [
    ("English", Language::En),
    ("Englisch", Language::En),
    ("anglais", Language::En),
    ("inglés", Language::En),
    ("inglês", Language::En),
    ("الإنجليزية", Language::En),
    ("German", Language::De),
    ("Deutsch", Language::De),
    ("allemand", Language::De),
    ("alemán", Language::De),
    ("alemão", Language::De),
    ("الألمانية", Language::De),
];

/// Parses a language by its code, with or without a region (`de-CH`, `de_DE`), or by its name.
pub(super) fn language(cell: &str) -> Result<Language, Problem> {
    let cell = cell.trim();
    let primary = cell.split(['-', '_']).next().unwrap_or_default();
    Language::ALL
        .into_iter()
        .find(|language| language.code().eq_ignore_ascii_case(primary))
        .or_else(|| {
            let mut name = String::new();
            fold(cell, |character| name.push(character));
            LANGUAGE_NAMES
                .into_iter()
                .find_map(|(called, language)| folds_to(called, &name).then_some(language))
        })
        .ok_or(Problem::Unknown)
}

/// Parses a phone number that is not empty. A number without a country code gets the given one.
pub(super) fn phone(cell: &str, within: Option<CallingCode>) -> Result<PhoneNumber, Problem> {
    PhoneNumber::parse_within(cell, within)?.ok_or(Problem::Required)
}

/// Splits a full name into first and last name; a single word has no last name.
pub(super) fn split_name(full: &str, order: NameOrder) -> (&str, &str) {
    let full = full.trim();
    let (first, last) = if let Some((last, first)) = full.split_once(',') {
        (first, last)
    } else {
        match order {
            NameOrder::FirstLast => full.rsplit_once(char::is_whitespace).unwrap_or((full, "")),
            NameOrder::LastFirst => full
                .split_once(char::is_whitespace)
                .map_or((full, ""), |(last, first)| (first, last)),
        }
    };
    (first.trim(), last.trim())
}

/// Returns the rest of a full name before or after `part`, or `None` if it is empty or `part` is not at an end.
pub(in crate::import) fn beside<'a>(full: &'a str, part: &str) -> Option<&'a str> {
    let (full, part) = (full.trim(), part.trim());
    let parts = |it: char| it.is_whitespace() || it == ',';
    let rest = full
        .strip_suffix(part)
        .filter(|rest| rest.ends_with(parts))
        .or_else(|| {
            full.strip_prefix(part)
                .filter(|rest| rest.starts_with(parts))
        })?;
    Some(rest.trim_matches(parts)).filter(|rest| !rest.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_missing_is_what_the_full_name_has_beside_the_other() {
        for (full, part, rest) in [
            ("Emma Bauer", "Bauer", Some("Emma")),
            (" Ana García López ", "García López", Some("Ana")),
            ("Ana García López", "Ana", Some("García López")),
            ("López, Ana", "López", Some("Ana")),
            ("Bauer", "Bauer", None),
            ("Emma Neubauer", "bauer", None),
            ("Emma Bauer", "Klein", None),
        ] {
            assert_eq!(beside(full, part), rest, "{full}, {part}");
        }
    }

    #[test]
    fn a_language_is_known_by_its_code_and_by_its_names() {
        for (cell, code) in [
            ("en", "en"),
            ("de_AT", "de"),
            ("EN-us", "en"),
            ("deutsch", "de"),
            ("Ingles", "en"),
            ("ALEMÁN", "de"),
            (" allemand ", "de"),
            ("الألمانية", "de"),
        ] {
            assert_eq!(language(cell).map(Language::code), Ok(code), "{cell}");
        }
        for cell in ["", "fr", "Klingon", "Deutschland"] {
            assert_eq!(language(cell), Err(Problem::Unknown), "{cell}");
        }
    }
}
