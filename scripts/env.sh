# shellcheck shell=bash
# Sourced, never run: the build settings of every script here and of `make`.
# `. scripts/env.sh` sets them in your own shell, so that plain cargo reuses what make built.

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
CACHE=${BUILD_CACHE:-${MUSTER_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/muster}}
# Renamed here: the server refuses unknown variables that begin with MUSTER_.
export BUILD_CACHE=$CACHE
unset MUSTER_CACHE

# What setup.sh detected: which Rust toolchain, and where.
# shellcheck disable=SC1091
[ -f "$CACHE/env.sh" ] && . "$CACHE/env.sh"

# Outside the checkout, so that a fresh clone finds every dependency built.
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$CACHE/target}
# Queries are checked against the committed `.sqlx`, never against the database that DATABASE_URL names.
export SQLX_OFFLINE=true
# These flags would replace those in .cargo/config.toml and recompile every dependency.
unset RUSTFLAGS CARGO_ENCODED_RUSTFLAGS
# The package is named server, its binary muster; cargo-leptos needs to know.
export LEPTOS_BIN_EXE_NAME=muster

# npm's wasm-opt and sass come first: Debian's binaryen 108 breaks the tables that wasm-bindgen generates.
PATH=$ROOT/end2end/node_modules/.bin:${CARGO_HOME:-$HOME/.cargo}/bin:$PATH
export PATH

# PostgreSQL 18 for the tests of database setups, installed by `setup.sh test`. Started by root, Postgres runs as another
# user, who cannot enter root's cache.
if [ "$(id -u)" = 0 ]; then POSTGRES_18=/var/cache/muster/postgres-18; else POSTGRES_18=$CACHE/postgres-18; fi
if [ -d "$POSTGRES_18" ]; then export POSTGRES_18_BIN=$POSTGRES_18/bin; fi

# `step NAME COMMAND…` runs a command, prints its name and duration, and returns its exit code.
step() {
  local name=$1 began=$EPOCHREALTIME code=0 outcome='done'
  shift
  printf '== %s\n' "$name"
  "$@" || { code=$? && outcome="failed ($code)"; }
  printf '== %s: %s after %s s\n' "$name" "$outcome" "$(seconds_since "$began")"
  return $code
}

# Prints the seconds since an earlier $EPOCHREALTIME with one decimal, whatever the locale's decimal separator.
seconds_since() {
  local tenths=$(((${EPOCHREALTIME/[.,]/} - ${1/[.,]/}) / 100000))
  printf '%d.%d' $((tenths / 10)) $((tenths % 10))
}

# Prints one sentence and exits.
stop() {
  printf 'muster: %s\n' "$*" >&2
  exit 1
}
