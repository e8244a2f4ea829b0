#!/usr/bin/env bash
# `make demo`: `make run` with an institution of 500 people, which is created once.
set -euo pipefail
# shellcheck source=scripts/env.sh
. "$(dirname "$0")/env.sh"
cd "$ROOT"

bash scripts/setup.sh run
# shellcheck source=scripts/env.sh
. scripts/env.sh
bash scripts/build.sh run
# If they exist already, it says so, and how to sign in.
"$CARGO_TARGET_DIR/quick/muster" demo || true
exec bash scripts/run.sh
