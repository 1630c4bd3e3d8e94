#!/bin/bash
# Restores a data folder from backups and WAL archive. It leaves it as a server does that was shut down: recovered, on a timeline of
# its own, without any setting of the recovery, so that any server starts from it.
# Usage: restore.sh [--latest | --time TIME] [--backup NAME] [--timeline NUMBER] [--replace]
#
#   --latest           to the end of the archive
#   --time TIME        to that moment, as in 2026-11-21T10:00:00Z: what was committed by then is there, and nothing else
#   --backup NAME      from that backup; alone, to the moment at which it ended
#   --timeline NUMBER  along that timeline, for what a former restore has given up; without, along the newest
#   --replace          puts a folder aside that is there already; without, it is refused
#
# Works beside the folder, which gets its name by the last step; archive and backups are only read. So what is cut off can be run
# again. What is refused answers 64: to try it again would change nothing.
set -euo pipefail
# shellcheck source=backups.sh
source "${BASH_SOURCE[0]%/*}/backups.sh"
# shellcheck source=lone-server.sh
source "${BASH_SOURCE[0]%/*}/lone-server.sh"
export WAL_ARCHIVE=$archive

data=${DATA:?}
work=$data.restoring
started=$(date +%s)

# Usage: tell EVENT FIELDS     the last word, for whoever waits for it too
tell() { log "$1" "$2" | tee "${RESULT:-/dev/null}"; }
refuse() {
  tell restore-refused "\"reason\":\"$1\""
  exit 64
}
fail() {
  [[ ! -s $lone_folder/log ]] || tail -n 20 "$lone_folder/log" >&2
  tell restore-failed "\"reason\":\"$1\""
  exit 1
}
trap remove_lone EXIT
trap 'exit 143' TERM INT

target="" time="" backup="" timeline="" replace=""
while (($# > 0)); do
  case $1 in
    --latest) target+=latest ;;
    --time) target+=time time=${2:?} && shift ;;
    --backup) backup=${2:?} && shift ;;
    --timeline) timeline=${2:?} && shift ;;
    --replace) replace=1 ;;
    *) refuse "$1 is no option" ;;
  esac
  shift
done
[[ -n $target || -n $backup ]] || refuse "neither a moment nor a backup is named"
[[ ${target:=immediate} =~ ^(latest|time|immediate)$ ]] || refuse "there are two moments to restore to"
[[ $timeline =~ ^[0-9]{0,9}$ ]] || refuse "a timeline is a number"
if [[ $target == time ]]; then
  iso='^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?(Z|[+-][0-9]{2}:[0-9]{2})$'
  wanted=""
  if [[ $time =~ $iso ]]; then wanted=$(date --date="$time" +%s 2>/dev/null || true); fi
  [[ -n $wanted ]] || refuse "the time is none, or has no zone; give one as 2026-11-21T10:00:00Z"
  ((wanted <= started)) || refuse "the time lies in the future"
fi

exec {restore_lock}>"$data.lock"
flock --nonblock "$restore_lock" || refuse "another restore is at this folder"
rm -rf "$work"
[[ -n $replace || ! -e $data || -z $(ls -A "$data") ]] || refuse "the data folder is not empty"

# Usage: forks TIMELINE     the timelines before it, each with the position at which it was left
forks() {
  [[ -e $archive/$1.history.zst ]] || return 0
  zstd --quiet --decompress --stdout "$archive/$1.history.zst" | awk '$1 ~ /^[0-9]+$/ { print $1, $2 }'
}

# Usage: leads_through BACKUP     whether the timeline comes by it. A backup of days that a restore has given up leads elsewhere
leads_through() {
  local start fork high low
  start=$(field "$1" startWal)
  ((16#${start:0:8} != 16#$timeline)) || return 0
  fork=$(forks "$timeline" | awk -v own=$((16#${start:0:8})) '$1 == own { print $2 }')
  IFS=/ read -r high low <<<"$fork"
  [[ -n $fork ]] && (((16#${start:8:8} << 32) + 16#${start:16:8} * $(field "$1" segmentBytes) < (16#$high << 32) + 16#$low))
}

is_sound() { echo "$(field "$1" sha256)  $backups/$1.tar.zst" | sha256sum --check --status; }
# When a backup was done for certain: it may have ended earlier, before it was packed.
ended() { echo $(($(seconds_of "$1") + $(field "$1" seconds))); }
text_of() { date --utc --date="@$1" +%Y-%m-%dT%H:%M:%SZ; }

mapfile -t good < <(good_backups | sort --reverse)
if [[ -n $timeline ]]; then
  timeline=$(printf '%08X' "$((10#$timeline))")
  [[ $timeline == 00000001 || -e $archive/$timeline.history.zst ]] || refuse "the archive knows no timeline $((16#$timeline))"
else
  timeline=$(find "$archive" -maxdepth 1 -name '????????.history.zst' -printf '%f\n' | sort | tail -n 1 | cut -c 1-8)
  timeline=${timeline:-00000001}
fi

if [[ -n $backup ]]; then
  [[ " ${good[*]} " == *" $backup "* && $backup =~ ^[0-9TZ]+$ ]] || refuse "there is no good backup of that name"
  [[ $target == immediate ]] || leads_through "$backup" || refuse "timeline $((16#$timeline)) doesn't come by $backup"
  [[ $target != time ]] || (($(ended "$backup") <= wanted)) || refuse "$backup ended at $(text_of "$(ended "$backup")"), after the time"
  is_sound "$backup" || refuse "$backup does not match its checksum"
else
  oldest=""
  for name in "${good[@]}"; do
    leads_through "$name" || continue
    oldest=$name
    [[ $target == latest ]] || (($(ended "$name") <= wanted)) || continue
    # An older one leads to the same end, by more WAL.
    is_sound "$name" || {
      log damaged "\"backup\":\"$name\""
      continue
    }
    backup=$name
    break
  done
  [[ -n $oldest ]] || refuse "there is no good backup that timeline $((16#$timeline)) comes by"
  [[ -n $backup ]] || refuse "no good backup ended before the time; the oldest ended at $(text_of "$(ended "$oldest")")"
fi

major=$(postgres --version | sed 's/^[^0-9]*\([0-9]*\).*/\1/')
[[ $(field "$backup" serverVersion) == "$major" ]] || refuse "$backup is of PostgreSQL $(field "$backup" serverVersion), and this is $major"
room=$(df --output=avail --block-size=1 "$(dirname "$data")" | tail -n 1)
((room > $(field "$backup" dataBytes))) || refuse "the volume has $room bytes left, and $backup unpacks to $(field "$backup" dataBytes)"
log chosen "\"backup\":\"$backup\",\"timeline\":$((16#$timeline))"

mkdir "$work"
mkdir --mode=0700 "$work/data"
zstd --quiet --decompress --stdout "$backups/$backup.tar.zst" | tar --directory="$work/data" --extract --file=-
pg_verifybackup --exit-on-error --quiet --no-parse-wal "$work/data" || fail "$backup does not verify"
log verified "\"backup\":\"$backup\""

system_of() { pg_controldata "$1" | sed -n 's/^Database system identifier: *//p'; }
# What the old server had no time to archive is what the end of the archive lacks.
if [[ $target == latest && -f $data/global/pg_control && $(system_of "$data") == "$(system_of "$work/data")" ]]; then
  for path in "$data"/pg_wal/????????????????????????; do
    [[ -e $archive/${path##*/}.zst ]] || cp --no-clobber "$path" "$work/data/pg_wal/"
  done
fi

settings=("restore_command=\"$(realpath "${BASH_SOURCE[0]%/*}")/restore-wal.sh\" \"%f\" \"%p\"" recovery_target_action=promote
  "recovery_target_timeline=$((16#$timeline))")
case $target in
  # PostgreSQL takes no ISO 8601 here.
  time) settings+=("recovery_target_time=$(date --utc --date="$time" '+%F %T.%6N+00')") ;;
  immediate) settings+=(recovery_target=immediate recovery_target_timeline=current) ;;
esac
touch "$work/data/recovery.signal"
start_alone "$work/data" "${settings[@]}" || {
  if grep --quiet "recovery ended before configured recovery target" "$lone_folder/log"; then
    refuse "the archive ends before the time$(sed -n 's/.*last completed transaction was at log time \(.*\)/: with the commit of \1/p' "$lone_folder/log")"
  fi
  fail "the recovery was broken off"
}
recovered=$(date +%s)
reached=$(ask "SELECT coalesce(to_char(pg_last_xact_replay_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"'), '')")
position=$(ask "SELECT pg_last_wal_replay_lsn()")
own=$(ask "SELECT pg_walfile_name(pg_current_wal_lsn())")
# So that the first segment of this timeline is archived right after its history: with that alone, a restore would take what
# follows from the timeline that was left.
ask "SELECT pg_switch_wal()" >/dev/null
stop_alone
pg_controldata "$work/data" | grep --quiet '^Database cluster state: *shut down$' || fail "the restored server did not shut down"

aside=""
if [[ -e $data && -n $(ls -A "$data") ]]; then
  [[ ! $data/postmaster.pid -nt $work ]] || fail "a server was started over the old folder meanwhile"
  aside=$data.before-$(stamp "$started")
  mv --no-target-directory "$data" "$aside"
fi
mv --no-target-directory "$work/data" "$data"
sync "$(dirname "$data")"
rm -rf "$work"
tell restored "\"backup\":\"$backup\",\"timeline\":$((16#${own:0:8})),\"reachedTime\":\"$reached\",\"reachedLsn\":\"$position\",\"recoveredAt\":\"$(text_of "$recovered")\",\"seconds\":$(($(date +%s) - started)),\"aside\":\"${aside##*/}\""
