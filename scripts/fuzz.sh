#!/usr/bin/env bash
# `make fuzz`: runs mutated files against the CSV reader, 60 s for each target (`FUZZ_SECONDS=600 make fuzz` for longer).
# It begins with the corpus of malformed files. Inputs that cause a failure are stored in fuzz/artifacts, and the command
# that reproduces it is printed. The exit code is 1 then.
set -euo pipefail
# shellcheck source=scripts/env.sh
. "$(dirname "$0")/env.sh"
cd "$ROOT"

SECONDS_EACH=${FUZZ_SECONDS:-60}

rustup run nightly rustc --version >/dev/null 2>&1 ||
  stop "fuzzing needs Rust's nightly toolchain, for its sanitizer: rustup toolchain install nightly --profile minimal"
cargo +nightly fuzz --version >/dev/null 2>&1 ||
  stop "fuzzing needs cargo-fuzz: cargo install cargo-fuzz --locked (a minute, once per machine)"

# Its own folder, because compiler and flags differ from every other build.
export CARGO_TARGET_DIR=$CACHE/target-fuzz
failed=0
for target in reader slicing; do
  mkdir -p "fuzz/corpus/$target"
  step "fuzzing $target for $SECONDS_EACH s" cargo +nightly fuzz run "$target" "fuzz/corpus/$target" \
    tests/import/nasty tests/import/exports -- \
    -max_total_time="$SECONDS_EACH" -max_len=4096 -timeout=5 -rss_limit_mb=1024 -print_final_stats=1 || failed=1
done
exit $failed
