#!/bin/bash
# Looks for damage in what was good once. Called by backup.sh, which has the lock; answers 1 where there is any.
# Usage: verify-backups.sh [--all]
#
# Hashes the backup that was looked at longest ago (--all: each): as many nights as there are backups go round once. Of the
# archive, it looks for gaps, and reads what came within two days. A damaged backup no longer counts as good, but stays.
set -euo pipefail
# shellcheck source=backups.sh
source "${BASH_SOURCE[0]%/*}/backups.sh"

damaged=0

# The time of a backup's metadata is that of its last check.
by_last_check() { for name in $(good_backups); do echo "$(stat --format=%Y "$backups/$name.json") $name"; done | sort | cut -d' ' -f2; }

# Usage: condemn NAME
condemn() {
  mv "$backups/$1.json" "$backups/$1.corrupt"
  log corrupt "\"backup\":\"$1\""
}

check_backup() {
  if echo "$(field "$1" sha256)  $backups/$1.tar.zst" | sha256sum --check --status; then
    touch "$backups/$1.json"
  else
    condemn "$1"
  fi
}

# Usage: locate SEGMENT     its number, counted over all timelines alike, becomes $position: an archive has tens of thousands,
# and a subshell for each would take minutes
locate() { position=$((16#${1:8:8} * per_log + 16#${1:16:8})); }

# Usage: branch TIMELINE     the number of the segment in which it left the one before it
branch() {
  local high low
  IFS=/ read -r high low < <(zstd --quiet --decompress --stdout "$archive/$1.history.zst" | sed -n '$p' | cut -f2)
  echo $((16#$high * per_log + 16#$low / segment_bytes))
}

# Usage: check_gaps BACKUP
# Segment follows segment: on the backup's timeline from the backup on, on later ones from where they branched off.
check_gaps() {
  local start segment_bytes per_log timeline="" last=0 name position first
  start=$(field "$1" startWal)
  segment_bytes=$(field "$1" segmentBytes)
  per_log=$((2 ** 32 / segment_bytes))
  locate "$start"
  first=$position
  for path in "$archive"/????????????????????????.zst; do
    name=${path##*/}
    name=${name%.zst}
    [[ $name =~ ^[0-9A-F]{24}$ ]] || continue
    locate "$name"
    if [[ ${name:0:8} != "$timeline" ]]; then
      timeline=${name:0:8}
      last=$((position - 1))
      if [[ $timeline == "${start:0:8}" ]]; then last=$((first - 1)); fi
      if [[ $timeline > "${start:0:8}" && -e $archive/$timeline.history.zst ]]; then last=$(($(branch "$timeline") - 1)); fi
    fi
    ((position > last)) || continue
    if ((position > last + 1)); then
      damaged=$((damaged + position - last - 1))
      log wal-missing "\"before\":\"$name\",\"segments\":$((position - last - 1))"
    fi
    last=$position
  done
}

check_segments() {
  local path
  while read -r path; do
    zstd --quiet --test "$path" 2>/dev/null && continue
    damaged=$((damaged + 1))
    path=${path##*/}
    log wal-corrupt "\"segment\":\"${path%.zst}\""
  done < <(find "$archive" -maxdepth 1 -name '[0-9A-F]*.zst' -mtime -2 | sort)
}

mapfile -t good < <(good_backups)
for metadata in "$backups"/[0-9]*.json; do
  name=${metadata##*/}
  name=${name%.json}
  [[ ! -f $metadata || " ${good[*]} " == *" $name "* ]] || condemn "$name"
done
mapfile -t due < <(by_last_check)
[[ ${1:-} == --all ]] || due=("${due[@]:0:1}")
for name in "${due[@]}"; do check_backup "$name"; done
mapfile -t good < <(good_backups)
((${#good[@]} == 0)) || check_gaps "${good[0]}"
check_segments

corrupt=$(find "$backups" -maxdepth 1 -name '[0-9]*.corrupt' | wc -l)
{
  gauge loomworks_backup_corrupt "$corrupt" "Backups that were good once and are damaged."
  gauge loomworks_wal_archive_damaged_segments "$damaged" "WAL segments that are missing in the archive, or can't be read."
} | publish_metrics verification
((corrupt == 0 && damaged == 0))
