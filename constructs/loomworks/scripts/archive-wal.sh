#!/bin/bash
# archive_command: copies one WAL segment into the archive.
# Usage: archive-wal.sh PATH_OF_SEGMENT NAME_OF_SEGMENT     (PostgreSQL's %p and %f)
#
# Never overwrites; answers 0 only once the segment is on the disk of the archive; may be cut off anywhere and called again.
# Exit codes stay below 126: from there on PostgreSQL ends its archiver without counting a failure.
set -euo pipefail

segment=$1
archive=${WAL_ARCHIVE:-/wal-archive}
target=$archive/$2

if [[ -e $target ]]; then
  # An earlier call got this far, but PostgreSQL never heard of it.
  cmp --silent "$segment" "$target" || {
    echo "archive-wal: $2 is in the archive with other content; refusing to overwrite it" >&2
    exit 1
  }
  sync "$target" "$archive"
  exit 0
fi

partial=$(mktemp "$archive/.partial-$2.XXXXXX")
trap 'rm -f "$partial"' EXIT
cp "$segment" "$partial"
sync "$partial"
# A hard link fails where the name is taken: unlike mv, it can't replace what another call has put there.
ln "$partial" "$target"
sync "$archive"
