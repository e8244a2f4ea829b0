#!/usr/bin/env bash
# `make test`: runs all checks and tests, the fastest first. A failed step does not stop the others that can still run. The
# last line is the sum of the runners' counts.
set -euo pipefail
# shellcheck source=scripts/env.sh
. "$(dirname "$0")/env.sh"
cd "$ROOT"
BEGAN=$EPOCHREALTIME

step "setup" bash scripts/setup.sh test
# shellcheck source=scripts/env.sh
. scripts/env.sh

# Required: its tests fail without it, they are not skipped.
export POSTGRES_18_BIN=$POSTGRES_18/bin
RESULTS=$(mktemp -d)
passed=0 failed=0 skipped=0

# The running step has its own process group. If this script is stopped, that group is stopped, and no other.
running=
end() {
  trap - EXIT INT TERM
  [ -z "$running" ] || kill -TERM -- "-$running" 2>/dev/null || true
  rm -rf "$RESULTS"
}
trap end EXIT
trap 'end; exit 130' INT
trap 'end; exit 143' TERM

# Runs a command in its own process group; shows and stores its output.
watched() {
  local log=$1 code=0
  shift
  set -m
  (set -o pipefail && "$@" 2>&1 | tee "$log") &
  running=$!
  set +m
  wait "$running" || code=$?
  running=
  return $code
}

sum() { awk '{ total += $1 } END { print total + 0 }'; }
# `test result: ok. 12 passed; 0 failed; 1 ignored; …`
cargo_counted() { sed -n "s/^test result: .* \([0-9]*\) $2[;.].*/\1/p" "$1" | sum; }
# `ℹ pass 12`
node_counted() { sed -n "s/^ℹ $2 \([0-9]*\)$/\1/p" "$1" | sum; }

# A step without counts (formatting, lints, a build) adds one failure if it fails.
must() {
  local name=$1 log
  log=$RESULTS/${name// /-}
  shift
  step "$name" watched "$log" "$@" && return 0
  failed=$((failed + 1))
  return 1
}

# A step whose runner counts. If it fails without a counted failure (it did not compile, for example), that is one.
counts() {
  local runner=$1 name=$2 log code=0 bad
  log=$RESULTS/${name// /-}
  shift 2
  step "$name" watched "$log" "$@" || code=$?
  case $runner in
  cargo)
    passed=$((passed + $(cargo_counted "$log" passed)))
    bad=$(cargo_counted "$log" failed)
    skipped=$((skipped + $(cargo_counted "$log" ignored)))
    ;;
  node)
    passed=$((passed + $(node_counted "$log" pass)))
    bad=$(($(node_counted "$log" fail) + $(node_counted "$log" cancelled)))
    skipped=$((skipped + $(node_counted "$log" skipped) + $(node_counted "$log" todo)))
    ;;
  esac
  if [ $code != 0 ] && [ "$bad" = 0 ]; then bad=1; fi
  failed=$((failed + bad))
  [ "$bad" = 0 ]
}

must "commit subjects" bash scripts/check-commits.sh || true
must "formatting" cargo fmt --all --check || true
must "lints" cargo clippy --locked --all-targets -- -D warnings || true
must "lints for WebAssembly" cargo clippy --locked -p frontend -p guest -p vectors --target wasm32-unknown-unknown -- -D warnings || true
built=yes
# The server's tests also build its binary, which the browser tests run.
counts cargo "Rust tests" cargo test --locked --no-fail-fast || built=$([ -x "$CARGO_TARGET_DIR/debug/muster" ] && echo yes || echo no)
counts node "vectors in WebAssembly" bash scripts/vectors.sh || true
must "site" bash scripts/build.sh test || built=no
if [ "$built" = yes ]; then
  counts node "browser tests" env SERVER_BINARY="$CARGO_TARGET_DIR/debug/muster" SITE_FOLDER="$CARGO_TARGET_DIR/site/test" \
    node --test --test-reporter=spec --test-concurrency=1 end2end/{story,accounts,users,user,search-and-keyboard,import,import-options,import-again,import-upload,pages,users-pages}.test.mjs || true
else
  echo "== browser tests: not run, because the build failed"
  failed=$((failed + 1))
fi

echo "== everything took $(seconds_since "$BEGAN") s"
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
