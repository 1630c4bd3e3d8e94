#!/bin/bash
# Tells Kubernetes how PostgreSQL is. Usage: probe.sh alive|ready
#
# alive: the server answers, be it "starting up", "recovering" or "too many clients": restarting it would help nobody.
#        A server that doesn't answer at all hangs, and is restarted.
# ready: the server takes connections.
# Over TCP, since the image's first-time set-up runs a server that listens on the socket alone.
set -uo pipefail

pg_isready --quiet --host=127.0.0.1 --port="${PGPORT:-5432}" --timeout=3
state=$?

case $1 in
  alive) [[ $state -eq 0 || $state -eq 1 ]] ;;
  ready) [[ $state -eq 0 ]] ;;
  *) echo "probe: got \"$1\"; expected alive or ready" >&2; exit 64 ;;
esac
