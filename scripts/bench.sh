#!/usr/bin/env bash
# `make bench`: measures what can be measured so far, prints a table for people and one `name=value` line a figure.
# So far that is how much a browser has to fetch; a bench of its own comes with each feature that has an aim.
set -euo pipefail
# shellcheck source=scripts/env.sh
. "$(dirname "$0")/env.sh"
cd "$ROOT"

bash scripts/setup.sh run
# shellcheck source=scripts/env.sh
. scripts/env.sh
bash scripts/build-release.sh
exec node scripts/bench-size.mjs "$CARGO_TARGET_DIR/site/release"
