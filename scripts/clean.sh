#!/usr/bin/env bash
# `make clean`: removes what was built from this code. Keeps the tools, npm's folder and .muster (the data).
set -euo pipefail
# shellcheck source=scripts/env.sh
. "$(dirname "$0")/env.sh"
cd "$ROOT"
rm -rf "$CARGO_TARGET_DIR" public/icons.svg end2end/results
echo "removed $CARGO_TARGET_DIR; the next build starts from nothing (10 minutes on two cores)"
