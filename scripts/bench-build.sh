#!/usr/bin/env bash
# `make bench-build`: measures the time to the first page, in a fresh clone with its own target folder:
#   from nothing     no Rust crates downloaded, no npm packages, nothing compiled (Debian packages and rustup are installed)
#   one page changed a sentence of one page is edited, then built again
# Takes 8 to 20 minutes. Writes the table in docs/BENCHMARKS.md. Nothing else should run on the machine.
set -euo pipefail
# shellcheck source=scripts/env.sh
. "$(dirname "$0")/env.sh"
cd "$ROOT"
bash scripts/setup.sh run

FOLDER=$(mktemp -d "${TMPDIR:-/tmp}/muster-bench-build-XXXXXX")
server=
end() {
  [ -z "$server" ] || kill "$server" 2>/dev/null || true
  rm -rf "$FOLDER"
}
trap end EXIT
git clone --quiet "$ROOT" "$FOLDER/clone"
COMMIT=$(git -C "$FOLDER/clone" rev-parse --short HEAD)
cd "$FOLDER/clone"

# Keeps what rustup and setup.sh installed; crates, npm's cache and everything compiled are new.
mkdir -p "$FOLDER/cargo" "$FOLDER/cache"
[ ! -f "${CARGO_HOME:-$HOME/.cargo}/config.toml" ] || cp "${CARGO_HOME:-$HOME/.cargo}/config.toml" "$FOLDER/cargo/"
REAL_CARGO=$(dirname "$(command -v cargo)")
export PATH=$REAL_CARGO:$PATH CARGO_HOME=$FOLDER/cargo npm_config_cache=$FOLDER/npm MUSTER_CACHE=$FOLDER/cache
unset CARGO_TARGET_DIR BUILD_CACHE

seconds() { awk -v since="$1" -v now="$EPOCHREALTIME" 'BEGIN { printf "%.0f", now - since }'; }

# Starts `make run` and waits until it prints its address.
first_page() {
  local log=$FOLDER/$1.log began=$EPOCHREALTIME
  # The script is replaced by the server, and the server's Postgres ends with it.
  MUSTER_LISTEN=127.0.0.1:0 MUSTER_DATA_DIR=$FOLDER/data-$1 bash scripts/run.sh >"$log" 2>&1 &
  server=$!
  until grep -q '^Muster is running' "$log"; do
    kill -0 "$server" 2>/dev/null || { tail -n 20 "$log" >&2; stop "make run ended; see above."; }
    sleep 0.2
  done
  took=$(seconds "$began")
  kill "$server"
  wait "$server" || true
  server=
  sed -n 's/^== \(.*\): done after \(.*\) s$/  \1: \2 s/p' "$log"
}

echo "from nothing:"
first_page nothing
nothing=$took
echo "one page changed:"
sed -i 's/"\(title\|heading\)": "\([^"{]*\)"/"\1": "\2 "/' app/i18n/locales/en/home.json
printf '\n// Changed by the bench.\n' >>app/src/home/page.rs
sed -i '0,/class="/s//class="changed /' app/src/home/page.rs
first_page changed
changed=$took
echo "nothing changed:"
first_page again
again=$took

cd "$ROOT"
CORES=$(nproc)
table() {
  cat <<TABLE
<!-- bench-build -->
$(date -u '+%-d %B %Y'), commit $COMMIT, \`make bench-build\`, $CORES cores.

| \`make run\` until the first page | before (28 November 2026) | now | target |
| --- | --- | --- | --- |
| from nothing: tools, crates, build | 2,412 s | $nothing s | 900 s |
| tools there, nothing compiled | 1,412 s | the same: no tools are compiled | 300 s |
| one page changed | not measured | $changed s | 60 s |
| nothing changed | 0.3 s | $again s | |
<!-- /bench-build -->
TABLE
}
table >"$FOLDER/table"
sed -i -e "/<!-- bench-build -->/,/<!-- \/bench-build -->/{/<!-- \/bench-build -->/r $FOLDER/table
d}" docs/BENCHMARKS.md
printf 'build_from_nothing_s=%s\nbuild_page_changed_s=%s\nbuild_unchanged_s=%s\n' "$nothing" "$changed" "$again"
