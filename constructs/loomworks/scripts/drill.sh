#!/bin/bash
# Restores the newest backup with all archived WAL into a throw-away volume, and checks what came back.
# Fails where anything is missing, or where the restore took longer than it may.
set -euo pipefail

backups=${BACKUPS:-/backups}
export WAL_ARCHIVE=${WAL_ARCHIVE:-/wal-archive}
scratch=${SCRATCH:-/scratch}
max_minutes=${MAX_RESTORE_MINUTES:?}
data=$scratch/restored
started=$(date +%s)
export PGHOST=$scratch/socket PGPORT=5433 PGUSER=postgres PGDATABASE=postgres

fail() {
  printf '{"event":"drill-failed","reason":"%s"}\n' "$1"
  exit 1
}
trap 'pg_ctl --pgdata="$data" --silent --mode=immediate stop >/dev/null 2>&1 || true' EXIT

newest=$(find "$backups" -maxdepth 1 -name '[0-9]*.json' -printf '%f\n' | sort | tail -n 1)
[[ -n $newest ]] || fail "there is no backup"
id=${newest%.json}
expected=$(sed -n 's/.*"sha256":"\([0-9a-f]*\)".*/\1/p' "$backups/$newest")
echo "$expected  $backups/$id.tar.zst" | sha256sum --check --status || fail "$id does not match its checksum"

rm -rf "${scratch:?}"/*
mkdir --mode=0700 "$data" "$PGHOST"
zstd --quiet --decompress --stdout "$backups/$id.tar.zst" | tar --directory="$data" --extract --file=-
pg_verifybackup --exit-on-error --quiet --no-parse-wal "$data" || fail "$id does not verify"
touch "$data/recovery.signal"

# A configuration of its own: the primary's would archive, and listen.
cat >"$scratch/postgresql.conf" <<CONF
data_directory = '$data'
hba_file = '$scratch/pg_hba.conf'
listen_addresses = ''
port = $PGPORT
unix_socket_directories = '$PGHOST'
archive_mode = off
restore_command = '"$(realpath "${BASH_SOURCE[0]%/*}")/restore-wal.sh" "%f" "%p"'
recovery_target_timeline = 'latest'
recovery_target_action = 'promote'
# What the primary had, or more: recovery refuses less.
max_connections = ${MAX_CONNECTIONS:-1000}
max_wal_senders = 10
max_worker_processes = 16
CONF
echo "local all all trust" >"$scratch/pg_hba.conf"
pg_ctl --pgdata="$data" --options="-c config_file=$scratch/postgresql.conf" --log="$scratch/log" \
  --timeout=$((max_minutes * 60)) --wait start >/dev/null || {
  tail -n 20 "$scratch/log" >&2
  fail "the restored server did not start"
}

until [[ $(psql --no-psqlrc -qtAc "SELECT pg_is_in_recovery()" 2>/dev/null) == f ]]; do
  pg_ctl --pgdata="$data" status >/dev/null || {
    tail -n 20 "$scratch/log" >&2
    fail "the recovery was broken off"
  }
  (($(date +%s) - started < max_minutes * 60)) || fail "recovery took longer than $max_minutes minutes"
  sleep 1
done
restored=$(date +%s)

pg_amcheck --all --install-missing || fail "pg_amcheck found damage"
lost=$(psql --no-psqlrc -qtAc "SELECT ceil(extract(epoch FROM now() - seen)) FROM loomworks.canary") || fail "the canary row is missing"
[[ -n $lost ]] || fail "the canary row is missing"

printf '{"event":"drill-passed","backup":"%s","rtoSeconds":%s,"rpoSeconds":%s}\n' "$id" "$((restored - started))" "$lost"
((restored - started <= max_minutes * 60)) || fail "the restore took longer than $max_minutes minutes"
