#!/usr/bin/env bash
# Builds the server and the site (WebAssembly, JavaScript, stylesheet, icons) into the target folder.
#   build.sh run       for `make run`: optimized enough for a trial, builds quickly
#   build.sh release   for installation (`make release`): link-time optimization, wasm-opt -Oz
#   build.sh test      unoptimized, the site only: the browser tests use the server that cargo test has built
# Does nothing if no source has changed since the last build.
set -euo pipefail
# shellcheck source=scripts/env.sh
. "$(dirname "$0")/env.sh"
cd "$ROOT"

GOAL=${1:-run}
case $GOAL in
run) PROFILE=quick ;;
release) PROFILE=release ;;
test) PROFILE=dev ;;
*) stop "build.sh takes 'run', 'release' or 'test', not '$GOAL'." ;;
esac
SITE=$CARGO_TARGET_DIR/site/$GOAL
STAMP=$SITE.stamp
WASM=wasm32-unknown-unknown
folder_of() { [ "$1" = dev ] && echo debug || echo "$1"; }
BUILT=$CARGO_TARGET_DIR/$WASM/$(folder_of $PROFILE)

# Compares content, not time: a fresh clone of the same commit has nothing to build.
sources() {
  { find Cargo.toml Cargo.lock rust-toolchain.toml src app frontend server style public .cargo .sqlx scripts/bindgen \
    scripts/build.sh scripts/icons.mjs scripts/site.mjs end2end/package-lock.json \
    -type f ! -path public/icons.svg ! -path '*/tests/*' -print0 2>/dev/null || true; } |
    LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum | cut -d' ' -f1
}
now=$(sources)
server_is_there() { [ "$GOAL" = test ] || [ -x "$CARGO_TARGET_DIR/$PROFILE/muster" ]; }
[ -f "$STAMP" ] && [ "$(<"$STAMP")" = "$now" ] && [ -f "$SITE/pkg/muster.wasm" ] && [ -f "$SITE/pkg/guest.wasm" ] && server_is_there && exit 0
rm -f "$STAMP"
mkdir -p "$SITE/pkg"

# The WebAssembly modules have their own settings, set here instead of in its own profile. So both halves share the profile's
# name, and cargo builds the macros and build scripts of their 200 common dependencies once instead of twice.
build_wasm() {
  local settings=()
  case $GOAL in
  run) settings=(OPT_LEVEL=s) ;;
  release) settings=(OPT_LEVEL=z LTO=fat CODEGEN_UNITS=1 PANIC=abort) ;;
  esac
  env "${settings[@]/#/CARGO_PROFILE_${PROFILE^^}_}" cargo build --locked -p frontend -p guest --target $WASM --profile $PROFILE
}
build_server() { cargo build --locked -p server --profile $PROFILE; }

# Converts cargo's modules for the browser. Only a release is optimized further: that takes longer than the download.
bind() {
  local name
  for name in frontend:muster guest:guest; do
    bind_one "$BUILT/${name%:*}.wasm" "${name#*:}"
  done
}
bind_one() {
  local module=$SITE/pkg/$2.wasm
  cargo run --locked --quiet -p bindgen --profile tools -- "$1" "$SITE/pkg" "$2"
  if [ "$GOAL" = release ]; then
    wasm-opt -Oz "$module" -o "$module.small" && mv "$module.small" "$module"
  fi
}
complete_site() {
  local flags=()
  case $GOAL in
  run) flags=(--compress=9) ;;
  release) flags=(--compress=11) ;;
  esac
  node scripts/site.mjs "$SITE" "${flags[@]}"
}

step "WebAssembly" build_wasm
step "browser modules" bind
step "site" complete_site
[ "$GOAL" = test ] || step "server" build_server
echo "$now" >"$STAMP"
