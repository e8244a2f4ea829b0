#!/usr/bin/env bash
# `make dev`: unoptimised, rebuilt at every change, and open pages reload. Data lives in .muster as with `make run`.
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
