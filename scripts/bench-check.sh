#!/usr/bin/env bash
# `make bench-check`: a file of 100 MB is checked in Chromium by Muster's worker and, in turn, by PapaParse in a worker with
# the same checks in JavaScript; and how long the page is held up meanwhile. A few minutes. MEGABYTES and PAIRS choose more.
set -euo pipefail
# shellcheck source=scripts/env.sh
. "$(dirname "$0")/env.sh"
cd "$ROOT"

bash scripts/setup.sh test
# shellcheck source=scripts/env.sh
. scripts/env.sh
bash scripts/build.sh release
export SERVER_BINARY=$CARGO_TARGET_DIR/release/muster SITE_FOLDER=$CARGO_TARGET_DIR/site/release
exec node end2end/bench-check.mjs "${MEGABYTES:-100}"
