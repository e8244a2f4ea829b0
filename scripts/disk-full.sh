#!/usr/bin/env bash
# Tests a full disk while an import is uploaded, checked, applied and undone. Starts a Postgres on a tmpfs of 300 MB, which
# is filled to the last byte in each phase: once with all its files, once with its write-ahead log only. Prints what it
# found; fails if anything acknowledged is lost. Needs the right to mount: root, or user namespaces.
set -euo pipefail
# shellcheck source=scripts/env.sh
. "$(dirname "$0")/env.sh"
cd "$ROOT"

if [ "${1:-}" != mounted ]; then
  cargo test --locked -p server --test it --no-run
  if [ "$(id -u)" = 0 ]; then
    exec unshare --mount bash "$0" mounted
  fi
  exec unshare --user --map-root-user --mount bash "$0" mounted
fi
disk=$(mktemp -d)
trap 'rmdir "$disk"' EXIT
for all in data wal; do
  mount -t tmpfs -o size=300m,mode=755 muster-small-disk "$disk"
  MUSTER_SMALL_DISK=$disk cargo test --locked -p server --test it "import_disk_full::a_full_${all}_disk" -- --ignored --nocapture && failed=0 || failed=1
  umount --lazy "$disk"
  [ $failed = 0 ]
done
