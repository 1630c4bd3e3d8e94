#!/bin/bash
# Tells Kubernetes how PostgreSQL is, in a word that the pod's events show. Usage: probe.sh alive|ready
#
#                   alive ready
#   ready             x     x
#   busy              x     x    every connection is taken but those kept for the superuser
#   read-only         x          a recovery that takes reads, or a server told to refuse writes
#   recovering        x          from a crash or from the archive, however long it takes
#   starting          x          about to recover, or just done
#   initializing      x          the image's first-time set-up, whose server nobody reaches over the network
#   failing           x          it answers by another error, which follows the word
#   stopping                     it was told to end; the kubelet waits as long for it as for the end of a pod
#   down                         nothing listens
#   hung                         no answer in time
set -uo pipefail
export LC_ALL=C PGHOST=${PGHOST:-/var/run/postgresql}

# Less than the manifest gives a probe, so that it can still say what it found.
seconds=${PROBE_SECONDS:-8}
mark=$PGHOST/.probe-hung

# Over the socket, as the superuser: PostgreSQL keeps connections for that role, by which a busy server answers.
ask() {
  timeout --kill-after=1 "$seconds" psql --no-psqlrc --quiet --tuples-only --no-align --no-password \
    "dbname=postgres user=postgres application_name=probe" --file=- <<'SQL'
SELECT CASE
  WHEN current_setting('listen_addresses') = '' THEN 'initializing'
  WHEN current_setting('transaction_read_only')::bool THEN 'read-only'
  WHEN (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid())
    >= current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int THEN 'busy'
  ELSE 'ready'
END
SQL
}

recovers() {
  [[ -e $PGDATA/recovery.signal || -e $PGDATA/standby.signal || $(pg_controldata) == *"in crash recovery"* ]]
}

state() {
  local answer status
  answer=$(ask 2>&1)
  status=$?
  if ((status == 124 || status == 137)); then
    touch "$mark"
    echo hung
    return
  fi
  case $answer in
    # Those whom nobody answered may hold every connection by now: that is no news of a server that has hung since it started.
    *"too many clients"*)
      if [[ $mark -nt $PGDATA/postmaster.pid ]]; then echo hung; else echo busy; fi
      return
      ;;
    *"system is starting up"*) if recovers; then echo recovering; else echo starting; fi ;;
    *"system is in recovery mode"* | *"system is not yet accepting"* | *"system is not accepting"*) echo recovering ;;
    *"system is shutting down"*) echo stopping ;;
    *"Connection refused"* | *"No such file or directory"*) echo down ;;
    *) if ((status == 0)); then echo "$answer"; else echo "failing: ${answer##*FATAL:  }"; fi ;;
  esac
  rm -f "$mark"
}

found=$(state)
echo "$found"
case $1:${found%%:*} in
  alive:stopping | alive:down | alive:hung) exit 1 ;;
  alive:* | ready:ready | ready:busy) ;;
  ready:*) exit 1 ;;
  *) echo "probe: got \"$1\"; expected alive or ready" >&2; exit 64 ;;
esac
