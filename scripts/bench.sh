#!/usr/bin/env bash
# `make bench`: how much a browser has to fetch, as a table for people and one `name=value` line a figure. What takes
# longer has a bench of its own (`make bench-page`).
set -euo pipefail
# shellcheck source=scripts/env.sh
. "$(dirname "$0")/env.sh"
cd "$ROOT"

bash scripts/setup.sh run
# shellcheck source=scripts/env.sh
. scripts/env.sh
bash scripts/build.sh release
exec node scripts/bench-size.mjs "$CARGO_TARGET_DIR/site/release"
