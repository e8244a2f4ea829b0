//! Turns `locales/` into the module `i18n`: a sentence that a page asks for and no file has, or with
//! other places to fill, does not compile.

use std::{error::Error, path::PathBuf};

use leptos_i18n_build::{
    Config, FileFormat, ParseOptions, TranslationsInfos, options::CodegenOptions,
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
    let translations = TranslationsInfos::parse(config)?;
    translations.rerun_if_locales_changed();
    translations.emit_diagnostics();
    let directory = PathBuf::from(std::env::var("OUT_DIR")?).join("i18n");
    // What the library writes is not ours to lint.
    let attributes =
        "#![allow(clippy::all, clippy::pedantic, clippy::restriction, missing_docs)]".parse()?;
    let options = CodegenOptions::default().top_level_attributes(Some(attributes));
    translations.generate_i18n_module_with_options(directory, options)?;
    Ok(())
}
