//! The import, from bytes to verdicts. proptest needs processes and files, so these stay native.
#![cfg(not(target_arch = "wasm32"))]

mod all;
mod nasty;
mod reading;
mod speed;
