#!/bin/bash
# archive_command: packs one WAL segment into the archive.
# Usage: archive-wal.sh PATH_OF_SEGMENT NAME_OF_SEGMENT     (PostgreSQL's %p and %f)
#
# Never overwrites, and takes nothing of another server than the archive's own; answers 0 only once the segment is on the disk of the archive; may be cut off anywhere and called again.
# A segment that archive_timeout ended is mostly zeroes: packed, a quiet day takes megabytes instead of 23 GB.
set -euo pipefail

segment=$1
archive=${WAL_ARCHIVE:-/wal-archive}
target=$archive/$2.zst
owner=$archive/.system-identifier
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

# Usage: number_at SKIP FILE
number_at() { od --address-radix=n --format=u8 --skip-bytes="$1" --read-bytes=8 "$2"; }

# Writes down whose the archive is: this server's, or, where there are segments already, the newest one's.
claim() {
  local segments=("$archive"/????????????????????????.zst) identifier=$server
  if [[ -e ${segments[-1]} ]]; then
    # In the long header of a segment's first page (xlp_sysid).
    read -r identifier < <(number_at 24 <(zstd --quiet --decompress --stdout "${segments[-1]}"))
  fi
  partial=$(mktemp "$archive/.partial-$1.XXXXXX")
  echo "$identifier" >"$partial"
  sync "$partial"
  mv --no-clobber "$partial" "$owner"
  sync "$archive"
}

# Retention frees names. A server made anew would fill them, and a restore of the lost one would meet its segments.
# PostgreSQL calls us in its data folder, where pg_control begins with the system's identifier.
read -r server < <(number_at 0 global/pg_control)
[[ -e $owner ]] || claim "$2"
archived=$(<"$owner")
[[ $archived == "$server" ]] || {
  echo "archive-wal: $2 is of server $server, and this is the archive of $archived;" \
    "refusing to mix them. Restore that server, or move its archive elsewhere" >&2
  exit 1
}

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
