#!/bin/sh
# Copies WAL and good backups to a bucket. Runs in rclone's image, whose shell is busybox'.
#
# Nothing is ever deleted or overwritten there: the bucket's lifecycle ends what is old, and the role can't delete. What has
# another size there than here stops the run. Without a bucket there is nothing to do.
set -eu
# shellcheck source=metrics.sh
. "${0%/*}/metrics.sh"

backups=${BACKUPS:-/backups}
archive=${WAL_ARCHIVE:-/wal-archive}
started=$(date +%s)

log() { printf '{"event":"%s"%s}\n' "$1" "${2:+,$2}"; }

if [ -z "${BUCKET:-}" ]; then
  log offsite-off '"reason":"there is no bucket"'
  exit 0
fi
target=":s3:$BUCKET/${PREFIX:?}"

# Sizes come with the listing; modification times would cost a request for each object. What is sent is held to its MD5.
copy() { rclone copy --size-only --immutable --transfers=4 --s3-no-check-bucket --log-level=NOTICE "$@"; }

# Usage: good_backups ENDING     files of the good backups; their metadata were written last
good_backups() {
  for metadata in "$backups"/[0-9]*.json; do
    name=${metadata##*/}
    name=${name%.json}
    [ ! -f "$backups/$name.tar.zst" ] || echo "$name.$1"
  done
}

# The slashes at the ends: rclone would look for a file of that name first, and take what stops it for an answer.
# WAL first: it is what would be lost. Only whole segments have such names.
copy --include '[0-9A-F]*.zst' "$archive" "$target/wal/"
newest_wal=$(find "$archive" -maxdepth 1 -name '[0-9A-F]*.zst' -exec stat -c %Y {} + | sort -n | tail -n 1)

# Metadata last, as on the volume: what is in the bucket without them doesn't count.
list=$(mktemp)
trap 'rm -f "$list"' EXIT
for ending in tar.zst json; do
  good_backups "$ending" >"$list"
  copy --files-from "$list" "$backups" "$target/backups/"
done
count=$(wc -l <"$list")
newest=$(tail -n 1 "$list")

{
  gauge loomworks_offsite_last_success_timestamp_seconds "$started" "When the last complete copy to the bucket began."
  gauge loomworks_offsite_seconds "$(($(date +%s) - started))" "How long the last complete copy to the bucket took."
  gauge loomworks_offsite_wal_timestamp_seconds "${newest_wal:-0}" "When the newest WAL in the bucket was archived."
  gauge loomworks_offsite_backups "$count" "Backups of the volume that are in the bucket."
} | publish_metrics offsite
log copied "\"newest\":\"${newest%.json}\",\"seconds\":$(($(date +%s) - started))"
