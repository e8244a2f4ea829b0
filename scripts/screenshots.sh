#!/usr/bin/env bash
# `make screenshots`: takes a picture of every screen, makes contact sheets, and updates the README's pictures. Takes about
# six minutes if everything is built. PICTURES=folder sets the folder, ONLY=words selects screens.
set -euo pipefail
# shellcheck source=scripts/env.sh
. "$(dirname "$0")/env.sh"
cd "$ROOT"

step "setup" bash scripts/setup.sh test
# shellcheck source=scripts/env.sh
. scripts/env.sh

step "server" cargo build --locked -p server
step "site" bash scripts/build.sh test
SERVER_BINARY=$CARGO_TARGET_DIR/debug/muster SITE_FOLDER=$CARGO_TARGET_DIR/site/test step "pictures" node end2end/screenshots.mjs
