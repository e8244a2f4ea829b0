#!/usr/bin/env bash
# `make bench`: prints what a browser has to download, as a table and one `name=value` line for each figure. Slower
# measurements have their own commands (`make bench-page`).
set -euo pipefail
# shellcheck source=scripts/env.sh
. "$(dirname "$0")/env.sh"
cd "$ROOT"

bash scripts/setup.sh run
# shellcheck source=scripts/env.sh
. scripts/env.sh
bash scripts/build.sh release
exec node scripts/bench-size.mjs "$CARGO_TARGET_DIR/site/release"
