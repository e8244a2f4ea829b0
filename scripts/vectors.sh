#!/usr/bin/env bash
# Builds the rules for WebAssembly and runs the shared test vectors in Chromium (part of `make test`).
set -euo pipefail
# shellcheck source=scripts/env.sh
. "$(dirname "$0")/env.sh"
cd "$ROOT"

cargo build --locked -p vectors --target wasm32-unknown-unknown
export VECTORS_PKG=$CARGO_TARGET_DIR/vectors
cargo run --locked --quiet -p bindgen --profile tools -- \
  "$CARGO_TARGET_DIR/wasm32-unknown-unknown/debug/vectors.wasm" "$VECTORS_PKG" vectors
exec node --test --test-reporter=spec end2end/wasm-vectors.test.mjs
