#!/usr/bin/env bash
# `make queries`: writes `server/schema/schema.sql`, the readable current schema, and `.sqlx`, which builds check every query
# against. Starts a temporary Postgres, migrates it, dumps its schema, and lets the query macros describe themselves there.
# Needs no sqlx-cli. Takes half a minute if the server's dependencies are built. `--schema-only` writes only the schema and
# compiles nothing.
set -euo pipefail
# shellcheck source=scripts/env.sh
. "$(dirname "$0")/env.sh"
cd "$ROOT"

bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1) || true
[ -z "$bin" ] || PATH=$bin:$PATH
command -v initdb >/dev/null || stop "initdb is missing: run 'make setup' first."

folder=$(mktemp -d)
# Postgres refuses to run as root.
as_postgres=()
if [ "$(id -u)" = 0 ]; then
  chmod 755 "$folder"
  install -d -o nobody -g nogroup "$folder/data"
  as_postgres=(setpriv --reuid=nobody --regid=nogroup --clear-groups)
fi
stop_postgres() {
  "${as_postgres[@]}" "$(command -v pg_ctl)" -D "$folder/data" -m immediate stop >/dev/null 2>&1 || true
  rm -rf "$folder"
}
trap stop_postgres EXIT
cd /
"${as_postgres[@]}" "$(command -v initdb)" -D "$folder/data" -U postgres -A trust -E UTF8 --no-sync >/dev/null
"${as_postgres[@]}" "$(command -v pg_ctl)" -D "$folder/data" -w -l "$folder/data/log" \
  -o "-c listen_addresses='' -c unix_socket_directories='$folder/data' -c fsync=off" start >/dev/null
cd "$ROOT"
export PGHOST=$folder/data PGUSER=postgres
psql -qc 'CREATE DATABASE queries' postgres
for migration in server/migrations/*.sql; do
  psql -q --single-transaction -v ON_ERROR_STOP=1 -f "$migration" queries >/dev/null 2>"$folder/error" ||
    { cat "$folder/error" >&2; stop "$migration failed."; }
done
for functions in server/schema/functions/*.sql; do
  psql -q --single-transaction -v ON_ERROR_STOP=1 -c 'SET LOCAL ROLE muster_owner' \
    -c 'SET LOCAL search_path = muster, public' -f "$functions" queries >/dev/null 2>"$folder/error" ||
    { cat "$folder/error" >&2; stop "$functions failed."; }
done

# Without comments and session settings, which differ between versions of pg_dump.
pg_dump --schema-only --no-owner --schema=muster --exclude-table=muster._sqlx_migrations queries >"$folder/dump"
{
  echo "-- The current schema, written by 'make queries'. Change server/migrations and server/schema/functions instead."
  sed -E '/^(--|\\|SET |SELECT pg_catalog)/d' "$folder/dump" | cat -s
} >server/schema/schema.sql
if [ "${1:-}" = --schema-only ]; then exit 0; fi

fresh=$(mktemp -d "$ROOT/.sqlx-XXXXXX")
# The macros write to this folder, and only if they are expanded again.
touch server/src/lib.rs
if DATABASE_URL="postgres://postgres@localhost/queries?host=$folder/data&options=-csearch_path%3Dmuster" SQLX_OFFLINE=false \
  SQLX_OFFLINE_DIR=$fresh cargo check --quiet -p server --all-targets; then
  rm -rf .sqlx && mv "$fresh" .sqlx && chmod 755 .sqlx
  echo ".sqlx has $(ls .sqlx | wc -l) queries"
else
  rm -rf "$fresh"
  stop "a query did not compile; .sqlx is unchanged."
fi
