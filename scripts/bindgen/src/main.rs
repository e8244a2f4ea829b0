//! `bindgen IN.wasm OUT_DIR NAME`: writes `NAME.js` and `NAME.wasm` for browsers.
//!
//! The same library that wasm-bindgen-cli is built on, without the command line's other 150 dependencies: it builds in a
//! third of the time, and Cargo.lock keeps it at the version of the `wasm-bindgen` crate, which must match exactly.

use std::{env, fs, path::PathBuf, process::ExitCode};

use wasm_bindgen_cli_support::Bindgen;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [input, out_dir, name] = arguments.as_slice() else {
        eprintln!("usage: bindgen IN.wasm OUT_DIR NAME");
        return ExitCode::from(2);
    };
    let out_dir = PathBuf::from(out_dir);
    let generated = Bindgen::new()
        .input_path(input)
        .out_name(name)
        // Four fifths of an unoptimized module. Browsers would download it for each page.
        .keep_debug(false)
        .remove_name_section(true)
        .remove_producers_section(true)
        .typescript(false)
        .web(true)
        .and_then(|bindgen| bindgen.generate(&out_dir));
    if let Err(error) = generated {
        eprintln!("bindgen: {error:#}");
        return ExitCode::FAILURE;
    }
    // The pages load `NAME.wasm`; the library always adds `_bg`.
    let from = out_dir.join(format!("{name}_bg.wasm"));
    let to = out_dir.join(format!("{name}.wasm"));
    if let Err(error) = fs::rename(&from, &to) {
        eprintln!("bindgen: {} can't be renamed: {error}", from.display());
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}
