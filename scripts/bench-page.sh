#!/usr/bin/env bash
# `make bench-page`: measures the list of a million users, searches, what a browser has to download, and the first paint of
# the accept page on a phone. The data set is created once per machine (about 6 minutes) and kept beside the target folder.
set -euo pipefail
# shellcheck source=scripts/env.sh
. "$(dirname "$0")/env.sh"
cd "$ROOT"

bash scripts/setup.sh test
# shellcheck source=scripts/env.sh
. scripts/env.sh
bash scripts/build.sh release
step "yardstick" cargo build --locked --release -p yardstick
node scripts/bench-size.mjs "$CARGO_TARGET_DIR/site/release"
CROWD=$CACHE/bench/crowd-$(cat server/migrations/*.sql server/schema/functions/*.sql server/benches/crowd.sql | sha256sum | cut -c1-12)
export SERVER_BINARY=$CARGO_TARGET_DIR/release/muster SITE_FOLDER=$CARGO_TARGET_DIR/site/release
exec node end2end/bench-page.mjs "$CROWD" "$CARGO_TARGET_DIR/release/yardstick"
