#!/bin/bash
# Keeps PostgreSQL's roles and their passwords equal to the mounted Secrets, its certificate equal to the mounted one, and the
# canary row fresh.
#
# A rotated Secret reaches the mounted files within about a minute (the kubelet's sync period); the roles follow then.
# Connects over the socket, as the superuser, by peer authentication: it holds no password of its own.
#
# Odoo's databases belong to the role "odoo", by which nobody logs in. The Secret names a login of its own for each rotation:
# a member of "odoo" whose sessions act as it, also after the DISCARD ALL by which Odoo cleans a pooled connection (PostgreSQL
# 15.10, 16.6, 17.2 and later). A login of before stays as it is until nobody uses it any more: see end_unused_logins.
set -euo pipefail

credentials=${CREDENTIALS:-/credentials}
certificate=${CERTIFICATE:-/tls}
interval=${KEEP_ROLES_INTERVAL:-15}
# Looks in a row at which a login of before had no session: ten minutes, if the server is up all the time.
unused_looks=${UNUSED_LOOKS:-40}
odoo_secret=postgres-credentials
export PGHOST=${PGHOST:-/var/run/postgresql} PGUSER=postgres PGDATABASE=postgres PGCONNECT_TIMEOUT=3
# That a schema is there already is no news.
export PGOPTIONS="--client-min-messages=warning"

# The statements that carry passwords stay out of the server's log, failed ones included.
quiet="SET log_statement = 'none'; SET log_min_error_statement = 'panic'; SET log_min_duration_statement = -1;"

# Usage: … | run_sql [OPTION…]     rows come as fields between tabs
run_sql() { psql --no-psqlrc --quiet --tuples-only --no-align --field-separator=$'\t' --set=ON_ERROR_STOP=1 "$@"; }

# Usage: ensure_role SECRET ATTRIBUTES [ROLE_TO_JOIN]
ensure_role() {
  local folder=$credentials/$1
  # psql reads both from the files: on a command line every process of the pod could see them.
  run_sql >/dev/null <<SQL
$quiet
\set name \`cat $folder/username\`
\set password \`cat $folder/password\`
SELECT format('CREATE ROLE %I', :'name') WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'name') \gexec
ALTER ROLE :"name" $2 PASSWORD :'password';
SELECT format('GRANT $3 TO %I', :'name') WHERE '$3' NOT IN ('', :'name') \gexec
SQL
}

# LOGIN, though nobody has a password for it: Odoo finds its databases by the view of roles that may log in.
# pg_signal_backend: before it drops or copies a database, Odoo ends the sessions there, which are other logins' too.
ensure_owner() {
  run_sql >/dev/null <<'SQL'
SELECT 'CREATE ROLE odoo' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'odoo') \gexec
ALTER ROLE odoo LOGIN CREATEDB NOSUPERUSER NOCREATEROLE NOREPLICATION NOBYPASSRLS;
GRANT pg_signal_backend TO odoo;
SQL
}

# A Secret that somebody made by hand may name "odoo" itself. It then has one password, whose rotation isn't seamless.
ensure_odoo_login() {
  ensure_owner && ensure_role "$odoo_secret" LOGIN odoo || return
  run_sql --set=name="$(<"$credentials/$odoo_secret/username")" >/dev/null <<'SQL'
SELECT format('ALTER ROLE %I SET role = odoo', :'name') WHERE :'name' <> 'odoo' \gexec
SQL
}

# It comes over the socket, and is known by its user of the system: it has no password.
ensure_exporter() {
  run_sql >/dev/null <<'SQL'
SELECT 'CREATE ROLE exporter' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'exporter') \gexec
ALTER ROLE exporter LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION PASSWORD NULL;
GRANT pg_monitor TO exporter;
SQL
}

# Joined by &&, because "set -e" doesn't hold within the condition that calls this.
ensure_roles() {
  ensure_odoo_login &&
    ensure_role postgres-backup-credentials "LOGIN REPLICATION NOSUPERUSER NOCREATEDB NOCREATEROLE" "" &&
    ensure_exporter &&
    ensure_releases
}

# To which releases Odoo's databases have been brought: the migration's Job writes it, and pods of Odoo wait for theirs.
ensure_releases() {
  run_sql >/dev/null <<'SQL'
CREATE SCHEMA IF NOT EXISTS loomworks;
CREATE TABLE IF NOT EXISTS loomworks.odoo_releases (release text PRIMARY KEY, migrated timestamptz NOT NULL DEFAULT now());
GRANT USAGE ON SCHEMA loomworks TO odoo;
GRANT SELECT, INSERT ON loomworks.odoo_releases TO odoo;
SQL
}

# Odoo's logins that the Secret no longer names, with the number of their sessions, as soon as the one that it names is in use.
logins_of_before() {
  run_sql --set=current="$(<"$credentials/$odoo_secret/username")" <<'SQL'
SELECT rolname, count(pid)
FROM pg_authid LEFT JOIN pg_stat_activity ON usesysid = pg_authid.oid
WHERE rolpassword IS NOT NULL
  AND (rolname = 'odoo' OR pg_authid.oid IN (SELECT member FROM pg_auth_members WHERE roleid = 'odoo'::regrole))
  AND rolname <> :'current'
  AND EXISTS (SELECT FROM pg_stat_activity WHERE usename = :'current')
GROUP BY rolname
SQL
}

# Every pod of Odoo holds a session as long as it lives. Looks are counted rather than minutes, so that the time in which the
# server was away, and everybody's sessions with it, counts for nobody; a start of this script begins anew.
declare -A unused
end_unused_logins() {
  local login sessions
  while IFS=$'\t' read -r login sessions; do
    unused[$login]=$((sessions > 0 ? 0 : ${unused[$login]:-0} + 1))
    ((unused[$login] >= unused_looks)) || continue
    end_login "$login" || continue
    unset "unused[$login]"
    printf '{"event":"login-ended","login":"%s","reason":"unused since its rotation"}\n' "$login"
  done < <(logins_of_before)
}

# The owner loses its password alone. A login that something belongs to nevertheless stays, and can't be used.
end_login() {
  run_sql --set=name="$1" >/dev/null <<'SQL'
ALTER ROLE :"name" PASSWORD NULL;
SELECT format('ALTER ROLE %I NOLOGIN', :'name') WHERE :'name' <> 'odoo' \gexec
\set ON_ERROR_STOP 0
SELECT format('DROP ROLE %I', :'name') WHERE :'name' <> 'odoo' \gexec
SQL
}

# The server goes on with the old one if it can't use the new one, and says so in its log.
load_certificate() {
  run_sql --command='SELECT pg_reload_conf()' >/dev/null || return
  [[ -z $loaded ]] || echo '{"event":"certificate-loaded","reason":"it was renewed"}'
}

# Whether it takes connections of others, too: the image's first-time set-up has a server that nobody reaches over the network. It
# would log each knock on its port.
serves() { [[ -n $(run_sql --command="SELECT current_setting('listen_addresses')" 2>/dev/null) ]]; }

# The restore drill reads the canary: its age is what a restore would have lost.
touch_canary() {
  run_sql >/dev/null <<'SQL'
CREATE SCHEMA IF NOT EXISTS loomworks;
CREATE TABLE IF NOT EXISTS loomworks.canary (singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton), seen timestamptz NOT NULL);
INSERT INTO loomworks.canary (seen) VALUES (now()) ON CONFLICT (singleton) DO UPDATE SET seen = excluded.seen;
SQL
}

trap 'exit 0' TERM INT
applied=""
loaded=""
while true; do
  if serves; then
    current=$(cat "$credentials"/*/username "$credentials"/*/password | sha256sum)
    if [[ $current != "$applied" ]] && ensure_roles; then
      [[ -z $applied ]] || echo '{"event":"credentials-applied","reason":"a Secret changed"}'
      applied=$current
    fi
    # What the Secret names has to be there before anything of before may end.
    [[ $current != "$applied" ]] || end_unused_logins
    shown=$(cat "$certificate"/tls.* | sha256sum)
    if [[ $shown != "$loaded" ]] && load_certificate; then loaded=$shown; fi
    touch_canary || echo "keep-roles: the canary row could not be written" >&2
  fi
  sleep "$interval" &
  wait $!
done
