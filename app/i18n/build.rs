//! Generates the module of sentences from `locales/`. A key that no English file has, or variables other than the
//! sentence's, do not compile. A sentence that is missing in German gives a warning.
//!
//! The library's own front door, `leptos_i18n_build`, also brings ICU's data generator, a downloader and a WebAssembly
//! runtime, which Muster doesn't use and which took a tenth of a build from nothing.

use std::{error::Error, fs, path::PathBuf};

use leptos_i18n_codegen::gen_code;
use leptos_i18n_parser::parse_locales::{
    options::{Config, FileFormat, ParseOptions},
    parse_locales,
};

/// One file of sentences a feature, in every language.
const NAMESPACES: [&str; 12] = [
    "accept",
    "common",
    "home",
    "imports",
    "invitations",
    "mail",
    "mailbox",
    "profile",
    "roles",
    "session",
    "setup",
    "users",
];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    let options = ParseOptions::new()
        .file_format(FileFormat::Json)
        .interpolate_display(true);
    let config = Config::new("en")?
        .add_locale("de")?
        .add_namespaces(NAMESPACES)?
        .parse_options(options);
    let locales = parse_locales(None, config)?;
    for path in locales.tracked_files.iter().flatten() {
        println!("cargo::rerun-if-changed={path}");
    }
    for warning in locales.diag.warnings().iter() {
        println!("cargo::warning={warning}");
    }
    for error in locales.diag.errors().iter() {
        println!("cargo::error={error}");
    }
    // What the library writes is not ours to lint.
    let attributes =
        "#![allow(clippy::all, clippy::pedantic, clippy::restriction, missing_docs)]".parse()?;
    let module = gen_code(&locales, None, false, Some(&attributes), true)?;
    let directory = PathBuf::from(std::env::var("OUT_DIR")?).join("i18n");
    fs::create_dir_all(&directory)?;
    fs::write(directory.join("mod.rs"), module.to_string())?;
    Ok(())
}
