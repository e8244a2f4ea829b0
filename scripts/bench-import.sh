#!/usr/bin/env bash
# `make bench-import`: files of people from the first byte of the upload to the last invitation, against `\copy` of the very
# same rows, in turn. ROWS="300 10000" chooses other sizes; a million takes some minutes.
set -euo pipefail
# shellcheck source=scripts/env.sh
. "$(dirname "$0")/env.sh"
cd "$ROOT"

bash scripts/setup.sh test
# shellcheck source=scripts/env.sh
. scripts/env.sh
bash scripts/build-release.sh
export SERVER_BINARY=$CARGO_TARGET_DIR/release/muster SITE_FOLDER=$CARGO_TARGET_DIR/site/release
# shellcheck disable=SC2086
exec node end2end/bench-import.mjs ${ROWS:-}
