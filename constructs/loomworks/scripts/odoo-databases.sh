# shellcheck shell=bash disable=SC2034
# Sourced: how Odoo's jobs ask PostgreSQL, which databases there are, and what keeps two jobs from changing them at once.
# shellcheck source=report.sh
source "${BASH_SOURCE[0]%/*}/report.sh"
export LC_ALL=C PGCONNECT_TIMEOUT=10

work=${WORK:-/work}

# Exit codes that the Jobs know: a refusal isn't tried again, a lock that somebody holds is.
REFUSED=2
BUSY=75

# Two numbers of an advisory lock, in the database postgres. Odoo's port, and the first lock of ours.
LOCK_KEY="8069, 1"

# A name with a dot is no host name's first part, whatever a client sends: no request is ever led to it (dbfilter ^%d$).
COPYING=.copying
REMOVING=.removing
# How the comment on a copy's database begins.
MARK='{"loomworks":"copy"'

PSQL=(--no-psqlrc --quiet --tuples-only --no-align --set=ON_ERROR_STOP=1)

# Usage: sql DATABASE [PSQL OPTIONS]     in the environment, since psql takes a name with "=" for a connection string
sql() {
  local database=$1
  shift
  PGDATABASE=$database psql "${PSQL[@]}" "$@"
}

# Usage: await_server SECONDS
await_server() {
  local deadline=$((SECONDS + $1))
  until sql postgres --command="SELECT 1" >/dev/null 2>"$work/connection"; do
    if ((SECONDS >= deadline)); then
      cat "$work/connection" >&2
      return 1
    fi
    sleep 2
  done
}

# Usage: hold_lock SECONDS     waits that long for it. It goes with its session: with this process, its node, or the server.
hold_lock() {
  local options="-c lock_timeout=$1s -c client_connection_check_interval=1s"
  options+=" -c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3"
  (
    export PGDATABASE=postgres PGOPTIONS="${PGOPTIONS:-} $options"
    exec psql "${PSQL[@]}" --command="SELECT pg_advisory_lock($LOCK_KEY)" --command="SELECT 'held'" \
      --command="SELECT pg_sleep(1e8)"
  ) >"$work/lock" 2>&1 &
  lock_holder=$!
  until grep --quiet --line-regexp held "$work/lock"; do
    if ! kill -0 "$lock_holder" 2>/dev/null; then
      cat "$work/lock" >&2
      return 1
    fi
    sleep 0.2
  done
}

release_lock() { [[ -z ${lock_holder:-} ]] || kill "$lock_holder" 2>/dev/null || true; }

# Usage: while_locked COMMAND…     ends it when the lock is lost: another job may have begun
while_locked() {
  # Its input is ours: the shell would give it none.
  "$@" <&0 &
  local child=$!
  wait -n "$child" "$lock_holder" || true
  if ! kill -0 "$lock_holder" 2>/dev/null; then
    kill "$child" 2>/dev/null || true
    wait "$child" || true
    log lock-lost
    return 1
  fi
  wait "$child"
}

# Databases of Odoo's role, copies last, each ended by a null byte. What a job works on, or left, isn't among them.
odoo_databases() {
  sql postgres --record-separator-zero <<SQL
SELECT datname FROM pg_database
 WHERE pg_get_userbyid(datdba) = current_user AND datallowconn AND NOT datistemplate
   AND NOT datname LIKE ANY (ARRAY['%$COPYING', '%$REMOVING', '%.creating'])
 ORDER BY shobj_description(oid, 'pg_database') LIKE '$MARK%' IS TRUE, datname
SQL
}
