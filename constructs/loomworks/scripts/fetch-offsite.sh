#!/bin/sh
# Brings back from the bucket what the volumes lost, into empty folders or beside what is there. Runs in rclone's image.
# Usage: fetch-offsite.sh [--at MOMENT] [BACKUP]               that backup, or the newest, and all WAL since: a restore goes on from them
#        fetch-offsite.sh [--at MOMENT] --filestore [DATABASE]  Odoo's attachments, of one database or of all
#
# --at: what was there at that moment (2026-11-22T02:00:00Z), whatever was written over it or deleted since.
set -eu
export LC_ALL=C
# shellcheck source=report.sh
. "${0%/*}/report.sh"

backups=${BACKUPS:-/backups}
archive=${WAL_ARCHIVE:-/wal-archive}
filestore=${FILESTORE:-/filestore}
source=":s3:${BUCKET:?}/${PREFIX:?}"
part=database

copy() { rclone copy --size-only --immutable --transfers=8 --log-level=NOTICE "$@"; }
# Usage: fail REASON [FIELDS]
fail() {
  log fetch-failed "\"reason\":\"$1\"${2:+,$2}"
  exit 1
}

while :; do
  case ${1:-} in
    --at)
      # As a variable, it holds for listings as well as for what is read.
      export RCLONE_S3_VERSION_AT="${2:?}"
      shift 2
      ;;
    --filestore)
      part=filestore
      shift
      ;;
    -*) fail "there is no option $1" ;;
    *) break ;;
  esac
done

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
list=$work/list

# By way of files: a shell without pipefail would take a bucket that can't be read for an empty one.
fetch_database() {
  name=${1:-}
  if [ -z "$name" ]; then
    rclone lsf --include '[0-9]*.json' "$source/backups/" >"$list"
    name=$(sort "$list" | tail -n 1)
    name=${name%.json}
  fi
  [ -n "$name" ] || fail "there is no backup in the bucket"

  copy --include "$name.tar.zst" "$source/backups/" "$backups"
  copy --include "$name.json" "$source/backups/" "$backups"
  expected=$(sed -n 's/.*"sha256":"\([0-9a-f]*\)".*/\1/p' "$backups/$name.json")
  echo "$expected  $backups/$name.tar.zst" | sha256sum -c >/dev/null 2>&1 ||
    fail "it does not match its checksum" "\"backup\":\"$name\""
  # From the backup's on, whatever the timeline (the first eight digits), and the histories of timelines: a restore may end on any.
  start=$(sed -n 's/.*"startWal":"\([0-9A-F]*\)".*/\1/p' "$backups/$name.json")
  rclone lsf "$source/wal/" >"$list"
  awk -v start="$start" '/history/ || substr($0, 9, 16) >= substr(start, 9)' "$list" >"$list.needed"
  [ ! -s "$list.needed" ] || copy --files-from "$list.needed" "$source/wal/" "$archive"
  log fetched "\"backup\":\"$name\""
}

# Usage: fetch_filestore [DATABASE]
fetch_filestore() {
  copy --include filestore.json "$source/" "$work"
  [ -f "$work/filestore.json" ] || fail "there is no filestore in the bucket"
  mkdir -p "$filestore/filestore"
  cd "$filestore/filestore"
  copy --include "/${1:-*}/**" "$source/filestore/" .
  # Each is named by the SHA-1 of what is in it.
  find . -type f -path "./${1:-*}/??/*" >"$list"
  [ -s "$list" ] || fail "there are no files of it in the bucket" "\"database\":\"${1:-}\""
  awk -F/ 'length($NF) == 40 { print $NF "  " $0 }' "$list" >"$list.sums"
  sha1sum -c "$list.sums" 2>/dev/null | sed -n 's/^\.\/\(.*\): FAILED.*$/\1/p' >"$list.damaged"
  while read -r file; do log file-damaged "\"file\":\"$file\""; done <"$list.damaged"
  [ ! -s "$list.damaged" ] || fail "files do not match their names; older versions may, by --at" "\"files\":$(wc -l <"$list.damaged")"
  complete=$(sed -n 's/.*"complete":"\([^"]*\)".*/\1/p' "$work/filestore.json")
  log fetched "\"files\":$(wc -l <"$list"),\"complete\":\"$complete\""
}

"fetch_$part" "$@"
