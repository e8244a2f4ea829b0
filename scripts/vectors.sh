#!/usr/bin/env bash
# Builds the rules for WebAssembly and runs the shared vectors through them in Chromium (part of `make test`).
set -euo pipefail
# shellcheck source=scripts/env.sh
. "$(dirname "$0")/env.sh"
cd "$ROOT"

front=$CARGO_TARGET_DIR/front
cargo build --locked -p vectors --target wasm32-unknown-unknown --target-dir "$front"
export VECTORS_PKG=$front/vectors
wasm-bindgen --target web --out-dir "$VECTORS_PKG" "$front/wasm32-unknown-unknown/debug/vectors.wasm"
exec node --test --test-reporter=spec end2end/wasm-vectors.test.mjs
