#!/bin/bash
# What our charts rely on of the official image's entrypoint: the first-time set-up of PGDATA, then the server with the given
# arguments. POSTGRES_USER, POSTGRES_DB, POSTGRES_PASSWORD (each also _FILE) and POSTGRES_INITDB_ARGS as there.
set -euo pipefail

# Usage: variable NAME DEFAULT     of the environment, or of the file that NAME_FILE names
variable() {
  local file=$1_FILE
  if [[ -n ${!file:-} ]]; then cat "${!file}"; else echo "${!1:-$2}"; fi
}

# Over the socket alone: nobody else may see a server that is half set up.
with_server() {
  pg_ctl --pgdata="$PGDATA" --options="-c listen_addresses='' -c unix_socket_directories=/var/run/postgresql" --wait --silent start
  "$@"
  pg_ctl --pgdata="$PGDATA" --mode=fast --wait --silent stop
}

create_database() {
  [[ $database == postgres ]] || createdb --username="$user" "$database"
}

run_scripts() {
  local file
  export PGUSER=$user PGDATABASE=$database
  for file in /docker-entrypoint-initdb.d/*; do
    case $file in
      *.sh) bash "$file" ;;
      *.sql) psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --file="$file" ;;
    esac
  done
}

set_up() {
  local user database password
  user=$(variable POSTGRES_USER postgres)
  database=$(variable POSTGRES_DB "$user")
  password=$(variable POSTGRES_PASSWORD "")
  if [[ -z $password ]]; then
    echo "PostgreSQL is not set up: POSTGRES_PASSWORD or POSTGRES_PASSWORD_FILE must be given" >&2
    exit 1
  fi
  mkdir -p "$PGDATA"
  chmod 700 "$PGDATA"
  # shellcheck disable=SC2086 # Several words, as in the official image.
  initdb --username="$user" --pwfile=<(echo "$password") ${POSTGRES_INITDB_ARGS:-}
  echo "host all all all scram-sha-256" >>"$PGDATA/pg_hba.conf"
  with_server first_time
}

first_time() {
  create_database
  run_scripts
}

[[ ${1:-} != -* ]] || set -- postgres "$@"
[[ ${1:-} != postgres || -s $PGDATA/PG_VERSION ]] || set_up
exec "$@"
