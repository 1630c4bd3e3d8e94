#!/bin/bash
# Sees to it that there is a good base backup of before a migration. None is taken where nothing is to be migrated, or where
# one is younger than MAX_AGE_SECONDS: with the WAL since, it goes back to any moment after it.
set -euo pipefail
# shellcheck source=backups.sh
source "${BASH_SOURCE[0]%/*}/backups.sh"

work=${WORK:-/work}

if [[ ! -s $work/plan ]]; then
  log skipped '"reason":"no database is to be migrated"'
  exit 0
fi

fresh() {
  newest=$(good_backups | tail -1)
  [[ -n $newest && $(($(date +%s) - $(seconds_of "$newest"))) -le ${MAX_AGE_SECONDS:?} ]]
}

# The nightly one may be under way: then it is the one.
exec {turn}>"$backups/.lock"
flock --timeout "${WAIT_SECONDS:-7200}" "$turn"
if ! fresh; then
  flock --unlock "$turn"
  "${BASH_SOURCE[0]%/*}/backup.sh"
  fresh
fi
echo "$newest" >"$work/backup"
log backed-up "\"backup\":\"$newest\",\"wayBack\":\"$(date --utc +%FT%TZ)\""
