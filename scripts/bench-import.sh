#!/usr/bin/env bash
# `make bench-import`: measures imports from the first byte of the upload to the last row, alternately with `\copy` of the
# same rows and with django-import-export; into a full table, under load, and interrupted by a kill. Takes about 15 minutes,
# and 6 more if the data set of `make bench-page` has to be created. What to run and how often: ROWS="300 100000", PAIRS,
# LARGE_PAIRS (over 200,000 rows), PARTS="sizes full kill", DJANGO_PAIRS, FULL_ROWS, KILL_ROWS.
set -euo pipefail
# shellcheck source=scripts/env.sh
. "$(dirname "$0")/env.sh"
cd "$ROOT"

python3 -c 'import ensurepip, venv' 2>/dev/null ||
  stop "Python 3 with venv is missing; django-import-export, the baseline, needs it (Debian: apt-get install python3-venv)."
bash scripts/setup.sh test
# shellcheck source=scripts/env.sh
. scripts/env.sh
bash scripts/build.sh release

REQUIREMENTS=server/benches/django/requirements.txt
VENV=$CACHE/bench/django-$(sha256sum "$REQUIREMENTS" | cut -c1-12)
if [ ! -f "$VENV/whole" ]; then
  rm -rf "$VENV"
  mkdir -p "$CACHE/bench"
  django() { python3 -m venv "$VENV" && "$VENV/bin/pip" install --quiet --no-deps -r "$REQUIREMENTS" && touch "$VENV/whole"; }
  step "django-import-export" django || stop "django-import-export could not be installed: pip needs the network once."
fi

CROWD=$CACHE/bench/crowd-$(cat server/migrations/*.sql server/schema/functions/*.sql server/benches/crowd.sql | sha256sum | cut -c1-12)
export DJANGO_PYTHON=$VENV/bin/python
export SERVER_BINARY=$CARGO_TARGET_DIR/release/muster SITE_FOLDER=$CARGO_TARGET_DIR/site/release
exec node end2end/bench-import.mjs "$CROWD"
