//! `muster`: see `muster --help`.

use std::process::ExitCode;

use clap::Parser as _;
use server::cli::Cli;

fn main() -> ExitCode {
    match server::commands::run(Cli::parse()) {
        Ok(code) => code,
        Err(sentence) => {
            eprintln!("muster: {sentence}");
            ExitCode::FAILURE
        }
    }
}
