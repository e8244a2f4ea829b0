#!/usr/bin/env bash
# `make lint`: formatting, then clippy with no warning allowed, for the server and for WebAssembly.
# Each step runs whatever the one before found; the exit code is the number of steps that failed.
set -euo pipefail
# shellcheck source=scripts/env.sh
. "$(dirname "$0")/env.sh"
cd "$ROOT"
bash scripts/setup.sh run
# shellcheck source=scripts/env.sh
. scripts/env.sh

failed=0
step "formatting" cargo fmt --all --check || failed=$((failed + 1))
step "lints" cargo clippy --locked --all-targets -- -D warnings || failed=$((failed + 1))
step "lints for WebAssembly" cargo clippy --locked -p frontend -p vectors --target wasm32-unknown-unknown -- -D warnings || failed=$((failed + 1))
exit $failed
