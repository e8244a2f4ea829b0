#!/usr/bin/env bash
# `make lint`: checks formatting and commit subjects, then runs clippy without allowed warnings, for the server and for WebAssembly.
# Every step runs, even if an earlier one failed; the exit code is the number of failed steps.
set -euo pipefail
# shellcheck source=scripts/env.sh
. "$(dirname "$0")/env.sh"
cd "$ROOT"
bash scripts/setup.sh run
# shellcheck source=scripts/env.sh
. scripts/env.sh

failed=0
step "commit subjects" bash scripts/check-commits.sh || failed=$((failed + 1))
step "formatting" cargo fmt --all --check || failed=$((failed + 1))
step "lints" cargo clippy --locked --all-targets -- -D warnings || failed=$((failed + 1))
step "lints for WebAssembly" cargo clippy --locked -p frontend -p guest -p vectors --target wasm32-unknown-unknown -- -D warnings || failed=$((failed + 1))
exit $failed
