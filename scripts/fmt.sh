#!/usr/bin/env bash
# `make fmt`: formats the Rust code.
set -euo pipefail
# shellcheck source=scripts/env.sh
. "$(dirname "$0")/env.sh"
cd "$ROOT"
exec cargo fmt --all
