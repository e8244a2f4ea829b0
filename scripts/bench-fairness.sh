#!/usr/bin/env bash
# `make bench-fairness`: measures another institution's pages, sign-in and the health check while one institution sends 24
# invitations of 50 rows at once, relative to an idle server. Takes a few minutes. ROUNDS, AT_ONCE and ROWS change the
# load; SERVER_BINARY selects a server that is already built.
set -euo pipefail
# shellcheck source=scripts/env.sh
. "$(dirname "$0")/env.sh"
cd "$ROOT"

if [ -z "${SERVER_BINARY:-}" ]; then
  bash scripts/setup.sh test
  # shellcheck source=scripts/env.sh
  . scripts/env.sh
  bash scripts/build.sh release
  export SERVER_BINARY=$CARGO_TARGET_DIR/release/muster SITE_FOLDER=$CARGO_TARGET_DIR/site/release
fi
exec node end2end/bench-fairness.mjs
