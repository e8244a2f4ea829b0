//! Every sentence is there in every language, with the same places to fill.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use serde_json::Value;

/// Key to sentence of one language, the file's name before each key.
fn sentences(language: &Path) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    for file in fs::read_dir(language).unwrap() {
        let path = file.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let tree: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        collect(&name, &tree, &mut all);
    }
    all
}

fn collect(name: &str, value: &Value, all: &mut BTreeMap<String, String>) {
    match value {
        Value::Object(keys) => keys
            .iter()
            .for_each(|(key, value)| collect(&format!("{name}.{key}"), value, all)),
        Value::String(sentence) => {
            all.insert(name.to_owned(), sentence.clone());
        }
        other => panic!("{name} is no sentence: {other}"),
    }
}

fn places(sentence: &str) -> BTreeSet<&str> {
    sentence
        .split("{{")
        .skip(1)
        .map(|rest| rest.split("}}").next().unwrap().trim())
        .collect()
}

fn languages() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("locales");
    let languages: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    assert_eq!(languages.len(), muster::language::Language::ALL.len());
    languages
}

#[test]
fn no_language_lacks_a_sentence() {
    let all: Vec<_> = languages()
        .iter()
        .map(|language| (language.clone(), sentences(language)))
        .collect();
    for (one, sentences) in &all {
        for (other, others) in &all {
            let missing: Vec<_> = sentences
                .keys()
                .filter(|key| !others.contains_key(*key))
                .collect();
            assert!(
                missing.is_empty(),
                "{} has what {} lacks: {missing:?}",
                one.display(),
                other.display()
            );
        }
    }
}

#[test]
fn no_sentence_is_empty_and_all_fill_the_same_places() {
    let languages = languages();
    let reference = sentences(&languages[0]);
    for language in &languages {
        for (key, sentence) in sentences(language) {
            assert!(
                !sentence.trim().is_empty(),
                "{key} is empty in {}",
                language.display()
            );
            assert_eq!(
                places(&sentence),
                places(&reference[&key]),
                "{key} in {}",
                language.display()
            );
        }
    }
}
