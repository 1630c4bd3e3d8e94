#!/bin/sh
# Copies a part of what the volumes hold to a bucket. Runs in rclone's image, whose shell is busybox'.
# Usage: copy-offsite.sh wal|backups|filestore     a run for each, so that WAL waits for nothing large
#
# Nothing is ever deleted there: the bucket's lifecycle ends what is old, and the role can't delete. WAL and backups are never
# overwritten either: what has another size there than here stops the run. Without a bucket there is nothing to do.
set -eu
export LC_ALL=C TZ=UTC
# shellcheck source=report.sh
. "${0%/*}/report.sh"

part=$1
backups=${BACKUPS:-/backups}
archive=${WAL_ARCHIVE:-/wal-archive}
started=$(date +%s)

if [ -z "${BUCKET:-}" ]; then
  log offsite-off '"reason":"there is no bucket"'
  exit 0
fi
target=":s3:$BUCKET/${PREFIX:?}"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# What is sent is held to its MD5.
send() { rclone copy --transfers=4 --s3-no-check-bucket --log-level=NOTICE "$@"; }
# Sizes come with the listing; modification times would cost a request for each object.
add() { send --size-only --immutable "$@"; }

# Only whole segments have such names. The slashes at the ends: rclone would look for a file of that name first, and take what
# stops it for an answer.
copy_wal() {
  newest=$(find "$archive" -maxdepth 1 -name '[0-9A-F]*.zst' -exec stat -c %Y {} + | sort -n | tail -n 1)
  add --include '[0-9A-F]*.zst' "$archive" "$target/wal/"
  gauge loomworks_offsite_wal_timestamp_seconds "${newest:-0}" "When the newest WAL in the bucket was archived." >>"$work/metrics"
}

# Usage: good_backups ENDING     files of the good backups; their metadata were written last
good_backups() {
  for metadata in "$backups"/[0-9]*.json; do
    name=${metadata##*/}
    name=${name%.json}
    [ ! -f "$backups/$name.tar.zst" ] || echo "$name.$1"
  done
}

# Metadata last, as on the volume: what is in the bucket without them doesn't count.
copy_backups() {
  for ending in tar.zst json; do
    good_backups "$ending" >"$work/list"
    [ ! -s "$work/list" ] || add --files-from "$work/list" "$backups" "$target/backups/"
  done
  gauge loomworks_offsite_backups "$(wc -l <"$work/list")" "Backups of the volume that are in the bucket." >>"$work/metrics"
}

copy_filestore() {
  # shellcheck source=copy-filestore.sh
  . "${0%/*}/copy-filestore.sh"
}

case $part in
  wal | backups | filestore) "copy_$part" ;;
  *)
    log refused "\"reason\":\"there is no part \\\"$part\\\"\""
    exit 64
    ;;
esac

seconds=$(($(date +%s) - started))
{
  gauge loomworks_offsite_last_success_timestamp_seconds "$started" "When the last complete copy to the bucket began." "part=\"$part\""
  gauge loomworks_offsite_seconds "$seconds" "How long the last complete copy to the bucket took." "part=\"$part\""
  cat "$work/metrics"
} | publish_metrics "offsite-$part"
log copied "\"part\":\"$part\",\"seconds\":$seconds"
