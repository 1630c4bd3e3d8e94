#!/bin/bash
# Restores the newest backup with all archived WAL into a throw-away volume, and checks what came back.
# Fails where anything is missing, where more was lost than may be, or where the restore took longer than it may.
set -euo pipefail
# shellcheck source=backups.sh
source "${BASH_SOURCE[0]%/*}/backups.sh"
# shellcheck source=lone-server.sh
source "${BASH_SOURCE[0]%/*}/lone-server.sh"

scratch=${SCRATCH:-/scratch}
max_seconds=$((${MAX_RESTORE_MINUTES:?} * 60))
max_loss=${MAX_LOSS_SECONDS:?}
# Each index against its whole table reads as much again: above this, the pages alone are checked.
all_rows_bytes=${ALL_ROWS_BYTES:-$((20 * 2 ** 30))}
export DATA=$scratch/restored
started=$(date +%s)
rto="" rpo="" size=""

fail() {
  log drill-failed "\"reason\":\"$1\""
  exit 1
}
finish() {
  local status=$?
  remove_lone
  {
    gauge loomworks_drill_timestamp_seconds "$(date +%s)" "When the last drill ended."
    gauge loomworks_drill_success "$((status == 0))" "Whether the last drill restored everything, in time."
    [[ -z $rto ]] || gauge loomworks_drill_rto_seconds "$rto" "How long the last drill's restore took until it took connections."
    [[ -z $rpo ]] || gauge loomworks_drill_rpo_seconds "$rpo" "What would have been lost with the server at the last drill: age of the canary row when the archive was read to its end."
    [[ -z $size ]] || gauge loomworks_drill_database_bytes "$size" "Bytes of the databases that the last drill restored."
  } | publish_metrics drill
}
trap finish EXIT

# Damaged or not: a restore would take an older one instead, which is nothing that a drill should pass with.
newest=$(find "$backups" -maxdepth 1 -name '[0-9]*.json' -printf '%f\n' | sort | tail -n 1)
[[ -n $newest ]] || fail "there is no backup"

rm -rf "${scratch:?}"/*
restored=$(timeout "$max_seconds" "${BASH_SOURCE[0]%/*}/restore.sh" --latest --backup "${newest%.json}") || {
  status=$?
  echo "$restored"
  ((status != 124)) || fail "the restore took longer than $((max_seconds / 60)) minutes"
  fail "$(sed -n 's/.*"reason":"\([^"]*\)".*/\1/p' <<<"$restored")"
}
echo "$restored"
start_alone "$DATA" || fail "the restored server did not start"
rto=$(($(date +%s) - started))
size=$(ask "SELECT sum(pg_database_size(oid))::bigint FROM pg_database")

options=()
((size > all_rows_bytes)) || options=(--heapallindexed)
pg_amcheck --all --install-missing --jobs=2 "${options[@]}" || fail "pg_amcheck found damage"

recovered=$(sed -n 's/.*"event":"restored".*"recoveredAt":"\([^"]*\)".*/\1/p' <<<"$restored")
rpo=$(ask "SELECT greatest(0, ceil(extract(epoch FROM timestamptz '$recovered' - seen))) FROM loomworks.canary") ||
  fail "the canary row is missing"
[[ -n $rpo ]] || fail "the canary row is missing"

((rpo <= max_loss)) || fail "the canary row is $rpo seconds old, and may be $max_loss"
((rto <= max_seconds)) || fail "the restore took longer than $((max_seconds / 60)) minutes"
log drill-passed "\"backup\":\"${newest%.json}\",\"rtoSeconds\":$rto,\"rpoSeconds\":$rpo,\"databaseBytes\":$size"
