#!/usr/bin/env bash
# `make run`: sets up, builds, becomes the server. Arguments and MUSTER_* settings are passed on.
set -euo pipefail
# shellcheck source=scripts/env.sh
. "$(dirname "$0")/env.sh"
cd "$ROOT"

bash scripts/setup.sh run
# What setup found out about the toolchain may be new.
# shellcheck source=scripts/env.sh
. scripts/env.sh
bash scripts/build.sh run
export MUSTER_SITE_ROOT=${MUSTER_SITE_ROOT:-$CARGO_TARGET_DIR/site/run}
# In this shell's place, so that Ctrl-C and `kill` reach the server itself, which then stops its Postgres.
exec "$CARGO_TARGET_DIR/quick/muster" serve "$@"
