#!/bin/bash
# Keeps PostgreSQL's roles and their passwords equal to the mounted Secrets, and the canary row fresh.
#
# A rotated Secret reaches the mounted files within about a minute (the kubelet's sync period); the password follows then.
# Connects over the socket, as the superuser, by peer authentication: it holds no password of its own.
set -euo pipefail

credentials=${CREDENTIALS:-/credentials}
interval=${KEEP_ROLES_INTERVAL:-15}
export PGHOST=${PGHOST:-/var/run/postgresql} PGUSER=postgres PGDATABASE=postgres

# The statements that carry passwords stay out of the server's log, failed ones included.
quiet="SET log_statement = 'none'; SET log_min_error_statement = 'panic'; SET log_min_duration_statement = -1;"

run_sql() { psql --no-psqlrc --quiet --tuples-only --set=ON_ERROR_STOP=1 >/dev/null; }

# Usage: ensure_role SECRET ATTRIBUTES [ROLE_TO_JOIN]
ensure_role() {
  local folder=$credentials/$1
  # psql reads both from the files: on a command line every process of the pod could see them.
  run_sql <<SQL
$quiet
\set name \`cat $folder/username\`
\set password \`cat $folder/password\`
SELECT format('CREATE ROLE %I', :'name') WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'name') \gexec
ALTER ROLE :"name" $2 PASSWORD :'password';
${3:+GRANT $3 TO :"name";}
SQL
}

# Joined by &&, because "set -e" doesn't hold within the condition that calls this.
ensure_roles() {
  ensure_role postgres-credentials "LOGIN CREATEDB NOSUPERUSER NOCREATEROLE NOREPLICATION NOBYPASSRLS" &&
    ensure_role postgres-backup-credentials "LOGIN REPLICATION NOSUPERUSER NOCREATEDB NOCREATEROLE" &&
    ensure_role postgres-exporter-credentials "LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION" pg_monitor
}

# The restore drill reads the canary: its age is what a restore would have lost.
touch_canary() {
  run_sql <<'SQL'
CREATE SCHEMA IF NOT EXISTS loomworks;
CREATE TABLE IF NOT EXISTS loomworks.canary (singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton), seen timestamptz NOT NULL);
INSERT INTO loomworks.canary (seen) VALUES (now()) ON CONFLICT (singleton) DO UPDATE SET seen = excluded.seen;
SQL
}

trap 'exit 0' TERM INT
applied=""
while true; do
  if pg_isready --quiet --host=127.0.0.1 --timeout=3; then
    current=$(cat "$credentials"/*/username "$credentials"/*/password | sha256sum)
    if [[ $current != "$applied" ]] && ensure_roles; then
      [[ -z $applied ]] || echo '{"event":"credentials-applied","reason":"a Secret changed"}'
      applied=$current
    fi
    touch_canary || echo "keep-roles: the canary row could not be written" >&2
  fi
  sleep "$interval" &
  wait $!
done
