#!/usr/bin/env bash
# `make bench-check`: Muster's web worker and PapaParse, in a worker with the same checks in JavaScript, check a file of
# 100 MB in Chromium alternately. Also measures how long the page is blocked. Takes a few minutes; MEGABYTES and PAIRS
# change the size and the number of runs.
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
