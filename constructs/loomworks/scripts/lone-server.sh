# shellcheck shell=bash
# Sourced: a PostgreSQL over a restored folder that nobody else reaches: it listens on a socket of its own alone.

lone_folder=$(mktemp -d)
lone_pid=""
export PGHOST=$lone_folder PGPORT=5433 PGUSER=postgres PGDATABASE=postgres

# Usage: start_alone DATA [SETTING=VALUE …]     returns once it takes connections, its recovery done; 1 where it ends before
#
# On the command line, where settings win over those that a former restore may have left in the folder. It archives nothing, but
# notes what is to be archived: the server that starts from the folder later, and has a command, begins with that.
start_alone() {
  local data=$1 setting settings=()
  shift
  echo "local all all trust" >"$lone_folder/pg_hba.conf"
  for setting in config_file=/dev/null "data_directory=$data" "hba_file=$lone_folder/pg_hba.conf" listen_addresses= \
    port=$PGPORT "unix_socket_directories=$PGHOST" archive_mode=on archive_command= hot_standby=off \
    recovery_target= recovery_target_lsn= recovery_target_name= recovery_target_time= recovery_target_xid= "$@"; do
    settings+=(-c "$setting")
  done
  postgres -D "$data" "${settings[@]}" >"$lone_folder/log" 2>&1 &
  lone_pid=$!
  # Without hot standby it takes none before it is promoted.
  until pg_isready --quiet; do
    kill -0 "$lone_pid" 2>/dev/null || return 1
    sleep 0.2
  done
}

# Usage: ask SQL     one value
ask() { psql --no-psqlrc -qtA --set=ON_ERROR_STOP=1 --command="$1"; }

# Usage: stop_alone [SIGNAL]     by a checkpoint; QUIT: at once
stop_alone() {
  [[ -n $lone_pid ]] || return 0
  kill "-${1:-INT}" "$lone_pid" 2>/dev/null || true
  wait "$lone_pid" || true
  lone_pid=""
}

# For a script's trap.
remove_lone() {
  stop_alone QUIT
  rm -rf "$lone_folder"
}
