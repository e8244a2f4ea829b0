#!/usr/bin/env bash
# The release build: the site (WebAssembly, JavaScript, CSS, compressed twice) and the server, in the target folder.
# Does nothing when no source changed since the last one, so that a second `make run` serves at once.
set -euo pipefail
# shellcheck source=scripts/env.sh
. "$(dirname "$0")/env.sh"
cd "$ROOT"

export LEPTOS_SITE_ROOT=$CARGO_TARGET_DIR/site/release
STAMP=$LEPTOS_SITE_ROOT.stamp

# By content, not by time: a fresh clone of the same commit has nothing to build either.
sources() {
  { find Cargo.toml Cargo.lock rust-toolchain.toml src app frontend server style public .cargo .sqlx scripts/icons.mjs scripts/build-release.sh \
    end2end/package-lock.json -type f ! -path public/icons.svg ! -path '*/tests/*' -print0 2>/dev/null || true; } |
    LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum | cut -d' ' -f1
}

now=$(sources)
if [ -f "$STAMP" ] && [ "$(<"$STAMP")" = "$now" ] && [ -x "$CARGO_TARGET_DIR/release/muster" ] && [ -d "$LEPTOS_SITE_ROOT/pkg" ]; then
  exit 0
fi

rm -f "$STAMP"
mkdir -p "$LEPTOS_SITE_ROOT"
echo "building in release: 10 minutes on two cores from nothing, 2 to 4 after a change"
step "icons" node scripts/icons.mjs
step "release build" cargo leptos build --release -P
echo "$now" >"$STAMP"
