#!/usr/bin/env bash
# `make bench-fairness`: what another institution, a sign-in and the health check take while one institution sends 24
# invitations of 50 rows at once, against the same at rest. A few minutes. ROUNDS, AT_ONCE and ROWS choose more; with
# SERVER_BINARY a server that is built already is measured.
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
