#!/bin/bash
# Takes a base backup, verifies it, packs it, and only then lets old ones go.
#
# The .json is written last: without it, a backup doesn't count. Whatever is cut off leaves only names that begin with a dot,
# or a .tar.zst alone, which the next run removes.
set -euo pipefail
# shellcheck source=backups.sh
source "${BASH_SOURCE[0]%/*}/backups.sh"

# The container's CPU limit; zstd would count the node's cores.
threads=2
started=$(date +%s)
id=$(stamp "$started")
partial=$backups/.partial-$id

finish() {
  local status=$?
  rm -rf "$partial"
  [[ $status -eq 0 ]] || log failed "\"backup\":\"$id\""
  {
    gauge loomworks_backup_run_timestamp_seconds "$(date +%s)" "When the last run of the backup ended."
    gauge loomworks_backup_run_success "$((status == 0))" "Whether the last run of the backup succeeded."
  } | publish_metrics backup-run
}
lock_backups
trap finish EXIT

rm -rf "$backups"/.partial-*

# Those of a server made anew would count as good, and push the lost one's out night by night.
server=$(psql --no-psqlrc --quiet --tuples-only --no-align --no-password --command=IDENTIFY_SYSTEM "replication=true") ||
  exit 1
server=${server%%|*}
newest=$(good_backups | tail -1)
for owner in "$(cat "$archive/.system-identifier" 2>/dev/null)" "$(field "$newest" systemIdentifier 2>/dev/null)"; do
  [[ -z $owner || $owner == "$server" ]] || {
    log refused "\"reason\":\"this is server $server, and backups and archive are of $owner: restore that one, or move them elsewhere\""
    exit 1
  }
done

mkdir "$partial"

# After a rotation the Secret is there before the role's new password is.
timeout "${AWAIT_SECONDS:-300}" "${BASH_SOURCE[0]%/*}/await-database.sh" "replication=true"
# Plain format, since pg_verifybackup reads WAL of tar files from PostgreSQL 18 on alone.
pg_basebackup --pgdata="$partial/data" --format=plain --wal-method=stream --checkpoint=fast \
  --manifest-checksums=SHA256 --label="$id" --no-password
pg_verifybackup --exit-on-error --quiet "$partial/data"
log verified "\"backup\":\"$id\""

start_wal=$(sed -n 's/^START WAL LOCATION: .*(file \([0-9A-F]*\))$/\1/p' "$partial/data/backup_label")
[[ -n $start_wal ]]
server_version=$(cat "$partial/data/PG_VERSION")
segment_bytes=$(pg_controldata "$partial/data" | sed -n 's/^Bytes per WAL segment: *//p')
data_bytes=$(du --bytes --summarize "$partial/data" | cut -f1)

tar --directory="$partial/data" --create --file=- . | zstd --quiet -T"$threads" -o "$partial/$id.tar.zst"
zstd --quiet --test "$partial/$id.tar.zst"
checksum=$(sha256sum "$partial/$id.tar.zst" | cut -d' ' -f1)
size=$(stat --format=%s "$partial/$id.tar.zst")
rm -rf "$partial/data"
took=$(($(date +%s) - started))

printf '{"id":"%s","systemIdentifier":"%s","startWal":"%s","segmentBytes":%s,"serverVersion":"%s","sha256":"%s","bytes":%s,"dataBytes":%s,"seconds":%s}\n' \
  "$id" "$server" "$start_wal" "$segment_bytes" "$server_version" "$checksum" "$size" "$data_bytes" "$took" >"$partial/$id.json"
sync "$partial/$id.tar.zst" "$partial/$id.json"
mv --no-clobber "$partial/$id.tar.zst" "$backups/"
sync "$backups"
mv --no-clobber "$partial/$id.json" "$backups/"
sync "$backups"
[[ ! -e $partial/$id.tar.zst && ! -e $partial/$id.json ]]
log stored "\"backup\":\"$id\",\"bytes\":$size,\"sha256\":\"$checksum\",\"startWal\":\"$start_wal\",\"seconds\":$took"

# Damage in older ones calls somebody by its metric. It is no reason to take this one again, or to fill the disk.
"${BASH_SOURCE[0]%/*}/verify-backups.sh" || log damaged
"${BASH_SOURCE[0]%/*}/expire-backups.sh"
log finished "\"backup\":\"$id\""
