//! The import, from bytes to verdicts. proptest needs processes and files, so these stay native.
#![cfg(not(target_arch = "wasm32"))]
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "helpers of tests fail the test that calls them"
)]

mod all;
mod exports;
mod nasty;
mod reading;
mod rows;
mod speed;
mod vectors;
mod writing;
