#!/bin/bash
# Returns when PostgreSQL takes this pod's credentials: see database-connection.ts.
# Usage: await-database.sh [CONNINFO]     CONNINFO defaults to the database postgres; "replication=true" for the backup's role
#
# Without an end of its own: whoever calls it knows how long it may last.
set -euo pipefail

connection=${1:-dbname=postgres}
export PGCONNECT_TIMEOUT=5
# The first process of a container ends by no signal that it doesn't catch; its pod would stay for the whole of its grace period.
trap 'exit 143' TERM INT
told=""
until reason=$(psql --no-psqlrc --no-password --dbname="$connection" --command='\q' 2>&1); do
  # Once for each reason; libpq never names a password.
  [[ $reason == "$told" ]] || echo "await-database: $reason" >&2
  told=$reason
  sleep "${AWAIT_INTERVAL:-2}"
done
