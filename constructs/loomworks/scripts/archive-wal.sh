#!/bin/bash
# archive_command: packs one WAL segment into the archive.
# Usage: archive-wal.sh PATH_OF_SEGMENT NAME_OF_SEGMENT     (PostgreSQL's %p and %f)
#
# Never overwrites; answers 0 only once the segment is on the disk of the archive; may be cut off anywhere and called again.
# A segment that archive_timeout ended is mostly zeroes: packed, a quiet day takes megabytes instead of 23 GB.
set -euo pipefail

segment=$1
archive=${WAL_ARCHIVE:-/wal-archive}
target=$archive/$2.zst
partial=""

# From 126 on, PostgreSQL takes the answer for the end of its archiver, and counts no failure.
finish() {
  local status=$?
  [[ -z $partial ]] || rm -f "$partial"
  ((status < 126)) || exit 1
}
trap finish EXIT

# What a call for this segment left that was killed.
rm -f "$archive/.partial-$2."*

if [[ -e $target ]]; then
  # An earlier call got this far, but PostgreSQL never heard of it.
  zstd --quiet --decompress --stdout "$target" | cmp --silent - "$segment" || {
    echo "archive-wal: $2 is in the archive with other content; refusing to overwrite it" >&2
    exit 1
  }
  sync "$target" "$archive"
  exit 0
fi

partial=$(mktemp "$archive/.partial-$2.XXXXXX")
zstd --quiet --force -1 -o "$partial" "$segment"
sync "$partial"
# A hard link fails where the name is taken: unlike mv, it can't replace what another call has put there.
ln "$partial" "$target"
sync "$archive"
