# shellcheck shell=bash disable=SC2034
# Sourced: which backups there are. One is good when its .json stands beside a .tar.zst of the size that it says.
# shellcheck source=report.sh
source "${BASH_SOURCE[0]%/*}/report.sh"
export LC_ALL=C

backups=${BACKUPS:-/backups}
archive=${WAL_ARCHIVE:-/wal-archive}

# Usage: stamp SECONDS     the name of a backup that began then; names sort by age
stamp() { date --utc --date="@$1" +%Y%m%dT%H%M%SZ; }
# Usage: seconds_of NAME
seconds_of() { date --utc --date="${1:0:8} ${1:9:2}:${1:11:2}:${1:13:2}" +%s; }
# Usage: field NAME KEY     what a backup's metadata say
field() {
  local text
  text=$(<"$backups/$1.json")
  [[ $text =~ \"$2\":\"?([^\",}]*) ]] && echo "${BASH_REMATCH[1]}"
}

# Names, oldest first.
good_backups() {
  local size name
  while read -r name size; do
    name=${name%.tar.zst}
    if [[ -f $backups/$name.json && $size == "$(field "$name" bytes)" ]]; then echo "$name"; fi
  done < <(find "$backups" -maxdepth 1 -name '[0-9]*.tar.zst' -printf '%f %s\n' | sort)
}

# One of those that write at a time, whoever started them. Ends with the process, however that ends.
lock_backups() {
  exec {backups_lock}>"$backups/.lock"
  flock --nonblock "$backups_lock" || {
    log refused '"reason":"another run has the backups"'
    exit 1
  }
}
