#!/bin/sh
# Brings WAL and backups back from the bucket, into empty folders or beside what is there: a restore goes on from them.
# Usage: fetch-offsite.sh [BACKUP]     that one alone; without, the newest
set -eu

backups=${BACKUPS:-/backups}
archive=${WAL_ARCHIVE:-/wal-archive}
source=":s3:${BUCKET:?}/${PREFIX:?}"

log() { printf '{"event":"%s"%s}\n' "$1" "${2:+,$2}"; }
copy() { rclone copy --size-only --immutable --transfers=8 --log-level=NOTICE "$@"; }

list=$(mktemp)
trap 'rm -f "$list" "$list.needed"' EXIT

# By way of a file: a shell without pipefail would take a bucket that can't be read for an empty one.
name=${1:-}
if [ -z "$name" ]; then
  rclone lsf --include '[0-9]*.json' "$source/backups/" >"$list"
  name=$(sort "$list" | tail -n 1)
  name=${name%.json}
fi
if [ -z "$name" ]; then
  log fetch-failed '"reason":"there is no backup in the bucket"'
  exit 1
fi

copy --include "$name.tar.zst" "$source/backups/" "$backups"
copy --include "$name.json" "$source/backups/" "$backups"
expected=$(sed -n 's/.*"sha256":"\([0-9a-f]*\)".*/\1/p' "$backups/$name.json")
if ! echo "$expected  $backups/$name.tar.zst" | sha256sum -c >/dev/null 2>&1; then
  log fetch-failed "\"backup\":\"$name\",\"reason\":\"it does not match its checksum\""
  exit 1
fi
# From the backup's on, whatever the timeline (the first eight digits), and the histories of timelines: a restore may end on any.
start=$(sed -n 's/.*"startWal":"\([0-9A-F]*\)".*/\1/p' "$backups/$name.json")
rclone lsf "$source/wal/" >"$list"
awk -v start="$start" '/history/ || substr($0, 9, 16) >= substr(start, 9)' "$list" >"$list.needed"
copy --files-from "$list.needed" "$source/wal/" "$archive"
log fetched "\"backup\":\"$name\""
