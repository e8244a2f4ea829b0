#!/usr/bin/env bash
# `make dev`: builds without optimization, rebuilds at every change and reloads open pages. Data is in .muster.
set -euo pipefail
# shellcheck source=scripts/env.sh
. "$(dirname "$0")/env.sh"
cd "$ROOT"

bash scripts/setup.sh dev
# shellcheck source=scripts/env.sh
. scripts/env.sh
export LEPTOS_SITE_ROOT=$CARGO_TARGET_DIR/site/dev
export MUSTER_SITE_ROOT=$LEPTOS_SITE_ROOT
step "icons" node scripts/icons.mjs
exec cargo leptos watch -- serve "$@"
