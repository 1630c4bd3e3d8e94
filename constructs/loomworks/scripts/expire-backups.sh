#!/bin/bash
# Retention, and the end of WAL that nothing needs. Called by backup.sh, which has the lock.
#
# The newest KEEP_COUNT good backups stay whatever their age; of the others, those younger than KEEP_DAYS.
set -euo pipefail
# shellcheck source=backups.sh
source "${BASH_SOURCE[0]%/*}/backups.sh"

keep_count=${KEEP_COUNT:?}
keep_days=${KEEP_DAYS:?}
now=$(date +%s)
limit=$(stamp $((now - keep_days * 86400)))

# Usage: remove NAME     The metadata go first: without them, a half-removed backup doesn't count as good.
remove() {
  rm -f "$backups/$1.json" "$backups/$1.corrupt"
  sync "$backups"
  rm -f "$backups/$1.tar.zst"
  log expired "\"backup\":\"$1\""
}

mapfile -t good < <(good_backups)
((${#good[@]} > 0)) || {
  log kept-all '"reason":"there is no good backup, so nothing goes"'
  exit 1
}
surplus=$((${#good[@]} - keep_count))
for name in "${good[@]:0:surplus > 0 ? surplus : 0}"; do
  [[ ! $name < $limit ]] || remove "$name"
done

# Damaged ones are evidence for as long as they would have been kept. What has no metadata was cut off while it was stored.
for packed in "$backups"/[0-9]*.tar.zst; do
  name=${packed##*/}
  name=${name%.tar.zst}
  [[ -e $backups/$name.json || (-e $backups/$name.corrupt && ! $name < $limit) ]] || remove "$name"
done

# WAL from before the oldest good backup can restore nothing any more. Timeline histories stay.
mapfile -t good < <(good_backups)
needed=$(field "${good[0]}" startWal)
[[ $needed =~ ^[0-9A-F]{24}$ ]]
pg_archivecleanup -x .zst "$archive" "$needed"

total=0
for name in "${good[@]}"; do total=$((total + $(field "$name" bytes))); done
newest=${good[-1]}
{
  gauge loomworks_backup_good "${#good[@]}" "Good backups on the volume."
  gauge loomworks_backup_bytes "$total" "Bytes of the good backups together."
  gauge loomworks_backup_oldest_timestamp_seconds "$(seconds_of "${good[0]}")" "When the oldest good backup began: as far back as a restore goes."
  gauge loomworks_backup_newest_timestamp_seconds "$(seconds_of "$newest")" "When the newest good backup began."
  gauge loomworks_backup_newest_bytes "$(field "$newest" bytes)" "Bytes of the newest good backup."
  gauge loomworks_backup_newest_data_bytes "$(field "$newest" dataBytes)" "Bytes of the newest good backup before they were packed."
  gauge loomworks_backup_newest_seconds "$(field "$newest" seconds)" "How long the newest good backup took."
} | publish_metrics backup
