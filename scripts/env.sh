# shellcheck shell=bash
# Sourced, never run: the settings that every script here, and `make`, builds with.
# `. scripts/env.sh` gives a shell of your own the same ones, so that plain cargo reuses what make built.

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
CACHE=${BUILD_CACHE:-${MUSTER_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/muster}}
# Under another name from here on: the server refuses variables that begin with MUSTER_ and are none of its keys.
export BUILD_CACHE=$CACHE
unset MUSTER_CACHE

# What setup.sh found out about this machine: which Rust toolchain, and where.
# shellcheck disable=SC1091
[ -f "$CACHE/env.sh" ] && . "$CACHE/env.sh"

# Outside the checkout, so that a fresh clone finds every dependency built.
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$CACHE/target}
# Queries are checked against the committed `.sqlx`, never against whatever DATABASE_URL names.
export SQLX_OFFLINE=true
# Flags of one's own would take the place of those in .cargo/config.toml, and compile every dependency anew.
unset RUSTFLAGS CARGO_ENCODED_RUSTFLAGS
# The package is called server, what it builds muster: cargo-leptos has to be told.
export LEPTOS_BIN_EXE_NAME=muster

# npm's wasm-opt and sass first: Debian's binaryen 108 breaks the tables that wasm-bindgen makes.
PATH=$ROOT/end2end/node_modules/.bin:${CARGO_HOME:-$HOME/.cargo}/bin:$PATH
export PATH

# PostgreSQL 18 for the tests of database setups, brought by `setup.sh test`. As root, Postgres runs as another user, who can't
# enter root's own cache.
if [ "$(id -u)" = 0 ]; then POSTGRES_18=/var/cache/muster/postgres-18; else POSTGRES_18=$CACHE/postgres-18; fi
if [ -d "$POSTGRES_18" ]; then export POSTGRES_18_BIN=$POSTGRES_18/bin; fi

# `step NAME COMMAND…` runs a command, says what it is and how long it took, and keeps its exit code.
step() {
  local name=$1 began=$EPOCHREALTIME code=0 outcome='done'
  shift
  printf '== %s\n' "$name"
  "$@" || { code=$? && outcome="failed ($code)"; }
  printf '== %s: %s after %s s\n' "$name" "$outcome" "$(seconds_since "$began")"
  return $code
}

# Seconds with one decimal since an earlier $EPOCHREALTIME, whatever the locale's decimal sign is.
seconds_since() {
  local tenths=$(((${EPOCHREALTIME/[.,]/} - ${1/[.,]/}) / 100000))
  printf '%d.%d' $((tenths / 10)) $((tenths % 10))
}

# One sentence for a person, and the end.
stop() {
  printf 'muster: %s\n' "$*" >&2
  exit 1
}
