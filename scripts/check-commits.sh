#!/usr/bin/env bash
# Checks the subjects of all commits since the rule was introduced, without merges: `area: what`, at most 72 characters,
# no period at the end. The rule is in CONTRIBUTING.md. Prints each subject that violates it.
set -euo pipefail
cd "$(dirname "$0")/.."

# The last commit before the rule.
SINCE=d65707fb5c98bd282c741800d7514c4b5be151a9
if ! git cat-file -e "$SINCE^{commit}" 2>/dev/null; then
  echo "The history is not complete here; commit subjects are not checked."
  exit 0
fi
failed=0
while IFS= read -r subject; do
  if [ ${#subject} -gt 72 ] || ! [[ $subject =~ ^[a-z0-9][a-z0-9/-]*:\ [^\ ].*[^.\ ]$ ]]; then
    printf 'not `area: what` with at most 72 characters: %s\n' "$subject"
    failed=1
  fi
done < <(git log --no-merges --format=%s "$SINCE..HEAD")
exit $failed
