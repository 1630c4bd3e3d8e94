#!/bin/bash
# Takes a base backup, verifies it, packs it, and only then lets old ones go.
#
# A backup is good when its .json stands beside its .tar.zst: the .json is written last. Whatever is cut off leaves
# only names that begin with a dot, which the next run removes.
set -euo pipefail

backups=${BACKUPS:-/backups}
archive=${WAL_ARCHIVE:-/wal-archive}
keep_count=${KEEP_COUNT:?}
keep_days=${KEEP_DAYS:?}
id=$(date --utc +%Y%m%dT%H%M%SZ)
started=$(date +%s)
partial=$backups/.partial-$id

# Names of the good backups, oldest first: they begin with their time.
good_backups() { find "$backups" -maxdepth 1 -name '[0-9]*.json' -printf '%f\n' | sort; }
say() { printf '{"event":"%s","backup":"%s"%s}\n' "$1" "$id" "${2:-}"; }
finish() {
  local status=$?
  [[ $status -eq 0 ]] || say failed
  rm -rf "$partial"
}
trap finish EXIT

rm -rf "$backups"/.partial-*
mkdir "$partial"

# Plain format, since pg_verifybackup reads WAL of tar files from PostgreSQL 18 on alone.
pg_basebackup --pgdata="$partial/data" --format=plain --wal-method=stream --checkpoint=fast \
  --manifest-checksums=SHA256 --label="$id" --no-password
pg_verifybackup --exit-on-error --quiet "$partial/data"
say verified

start_wal=$(sed -n 's/^START WAL LOCATION: .*(file \([0-9A-F]*\))$/\1/p' "$partial/data/backup_label")
[[ -n $start_wal ]]
server_version=$(cat "$partial/data/PG_VERSION")

tar --directory="$partial/data" --create --file=- . | zstd --quiet -T0 -o "$partial/$id.tar.zst"
zstd --quiet --test "$partial/$id.tar.zst"
checksum=$(sha256sum "$partial/$id.tar.zst" | cut -d' ' -f1)
size=$(stat --format=%s "$partial/$id.tar.zst")
rm -rf "$partial/data"

printf '{"id":"%s","startWal":"%s","serverVersion":"%s","sha256":"%s","bytes":%s,"seconds":%s}\n' \
  "$id" "$start_wal" "$server_version" "$checksum" "$size" "$(($(date +%s) - started))" >"$partial/$id.json"
sync "$partial/$id.tar.zst" "$partial/$id.json"
mv "$partial/$id.tar.zst" "$backups/"
mv "$partial/$id.json" "$backups/"
sync "$backups"
say stored ",\"bytes\":$size,\"sha256\":\"$checksum\",\"startWal\":\"$start_wal\",\"seconds\":$(($(date +%s) - started))"

# Retention: the newest keep_count stay whatever their age; of the others, those within keep_days.
oldest_kept=$(date --utc --date="$keep_days days ago" +%Y%m%dT%H%M%SZ)
mapfile -t good < <(good_backups | tac)
for metadata in "${good[@]:keep_count}"; do
  name=${metadata%.json}
  [[ $name < $oldest_kept ]] || continue
  # The metadata goes first: without it, a half-removed backup doesn't count as good.
  rm -f "$backups/$metadata" "$backups/$name.tar.zst"
  printf '{"event":"expired","backup":"%s"}\n' "$name"
done

# WAL from before the oldest kept backup can restore nothing any more.
oldest=$(good_backups | sed -n 1p)
needed=$(sed -n 's/.*"startWal":"\([0-9A-F]*\)".*/\1/p' "$backups/$oldest")
[[ -n $needed ]]
pg_archivecleanup "$archive" "$needed"
say finished
