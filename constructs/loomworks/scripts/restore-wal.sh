#!/bin/bash
# restore_command: brings one file of the archive back.
# Usage: restore-wal.sh NAME PATH     (PostgreSQL's %f and %p)
#
# PostgreSQL takes 1 for the end of the archive, and goes on with what it has; from 126 on, it ends the recovery. So a
# segment that is damaged, or that lies in a gap, never passes for the end: what was committed after it would be lost unseen.
set -uo pipefail
export LC_ALL=C

name=$1
archive=${WAL_ARCHIVE:-/wal-archive}
refuse() {
  echo "restore-wal: $name $1; refusing to end the recovery before it" >&2
  exit 126
}

if [[ -f $archive/$name.zst ]]; then
  zstd --quiet --force --decompress -o "$2" "$archive/$name.zst" || refuse "is damaged"
  exit 0
fi

# Of the same timeline there are segments on both sides of it. Before a timeline's first there are none: that is no gap.
if [[ $name =~ ^[0-9A-F]{24}$ ]]; then
  before="" after=""
  for other in "$archive/${name:0:8}"????????????????.zst; do
    [[ ${other##*/} < $name ]] && before=1
    [[ ${other##*/} > $name.zst ]] && after=1
  done
  [[ -z $before || -z $after ]] || refuse "is missing, and later ones are there"
fi
exit 1
