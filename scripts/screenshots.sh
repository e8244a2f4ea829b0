#!/usr/bin/env bash
# `make screenshots`: a picture of every screen, sheets to look through them, and the README's pictures. About six
# minutes once everything is built. PICTURES=folder says where to, ONLY=words which screens.
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
