#!/usr/bin/env bash
# `make run`: sets up, builds and runs the server. Passes on arguments and MUSTER_* settings.
set -euo pipefail
# shellcheck source=scripts/env.sh
. "$(dirname "$0")/env.sh"
cd "$ROOT"

bash scripts/setup.sh run
# Setup may have changed the toolchain.
# shellcheck source=scripts/env.sh
. scripts/env.sh
bash scripts/build.sh run
export MUSTER_SITE_ROOT=${MUSTER_SITE_ROOT:-$CARGO_TARGET_DIR/site/run}
# Replaces this shell, so that Ctrl-C and `kill` reach the server, which then stops its Postgres.
exec "$CARGO_TARGET_DIR/quick/muster" serve "$@"
