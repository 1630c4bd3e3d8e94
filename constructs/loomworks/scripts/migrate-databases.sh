#!/bin/bash
# Brings Odoo's databases to the code of this image, before any pod of it serves them. Usage: migrate-databases.sh plan|run
#
# plan: writes which databases have to be updated, so that a backup is taken before anything is touched, or none if there are none.
# run:  updates them one after the other, tenants before copies, under one lock; then lets the pods of this release start.
#
# Each database remembers the release that it was updated by (ir_config_parameter, "loomworks.release"): a second run goes on
# where the first one failed. A failed update leaves the old version serving, and no pod of the new one starts.
set -euo pipefail
# shellcheck source=odoo-databases.sh
source "${BASH_SOURCE[0]%/*}/odoo-databases.sh"

release=${RELEASE:?}
conf=${ODOO_CONF:?}
first=${FIRST_DATABASE:-}
series=$(odoo --version | sed -nE 's/^Odoo Server ((saas~)?[0-9]+\.[0-9]+).*/\1/p')
[[ -n $series ]] || { echo "migrate-databases: can't read the version that odoo --version says" >&2; exit 1; }

# Usage: state DATABASE     "none" if it isn't Odoo's, else SERIES|RELEASE|MODULES UNDER WAY
state() {
  sql "$1" <<'SQL'
SELECT to_regclass('public.ir_module_module') IS NULL OR to_regclass('public.ir_config_parameter') IS NULL AS foreign_to_odoo \gset
\if :foreign_to_odoo
  SELECT 'none';
\else
  SELECT coalesce((SELECT substring(latest_version FROM '^(?:saas~)?[0-9]+\.[0-9]+') FROM ir_module_module WHERE name = 'base'), ''),
         coalesce((SELECT value FROM ir_config_parameter WHERE key = 'loomworks.release'), ''),
         (SELECT count(*) FROM ir_module_module WHERE state IN ('to install', 'to upgrade', 'to remove'));
\endif
SQL
}

# Usage: needs_update DATABASE     refuses what an update can't do
needs_update() {
  local now base by pending
  now=$(state "$1")
  [[ $now != none ]] || return 1
  IFS='|' read -r base by pending <<<"$now"
  if [[ $base != "$series" ]]; then
    refuse "\"database\":\"$1\",\"from\":\"$base\",\"to\":\"$series\",\"reason\":\"another major version is upgrade.odoo.com's work\""
  fi
  [[ $by != "$release" || $pending -ne 0 ]]
}

is_copy() {
  [[ $(sql postgres --set=name="$1" <<<"SELECT shobj_description(oid, 'pg_database') LIKE '$MARK%' FROM pg_database WHERE datname = :'name'") == t ]]
}

# No server, no limits of one: an update takes the time and memory that it takes, up to the container's.
run_odoo() {
  while_locked odoo --config "$conf" --database "$1" "${@:2}" --stop-after-init --no-http --workers 0 --max-cron-threads 0 \
    --limit-memory-soft 0 --limit-memory-hard 0
}

# Usage: update DATABASE     base, and with it all that is installed, since everything depends on it
update() {
  local began=$SECONDS left
  log updating "\"database\":\"$1\",\"release\":\"$release\""
  # Odoo ends well, too, when it couldn't load a module: what is left under way tells.
  run_odoo "$1" --update base || return 1
  left=$(state "$1")
  [[ $left == "$series|"*"|0" ]] || { log incomplete "\"database\":\"$1\",\"state\":\"$left\""; return 1; }
  stamp_release "$1" || return 1
  log updated "\"database\":\"$1\",\"seconds\":$((SECONDS - began))"
}

stamp_release() {
  sql "$1" --set=release="$release" <<'SQL'
INSERT INTO ir_config_parameter (key, value) VALUES ('loomworks.release', :'release')
    ON CONFLICT (key) DO UPDATE SET value = excluded.value;
SQL
}

# Under a name that no request is led to, until nobody can log in with the password that Odoo gives the first user: "admin".
create_first() {
  [[ -n $first ]] || return 0
  [[ $first =~ ^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$ ]] || refuse '"reason":"FIRST_DATABASE is no host name part"'
  [[ -z $(sql postgres --set=name="$first" <<<"SELECT 1 FROM pg_database WHERE datname = :'name'") ]] || return 0
  log creating "\"database\":\"$first\""
  sql postgres --set=name="$first.creating" <<<'DROP DATABASE IF EXISTS :"name" WITH (FORCE);'
  run_odoo "$first.creating" --init base
  sql "$first.creating" <<<"UPDATE res_users SET password = NULL;"
  stamp_release "$first.creating"
  sql postgres --set=from="$first.creating" --set=to="$first" <<<'ALTER DATABASE :"from" RENAME TO :"to";'
  log created "\"database\":\"$first\""
}

refuse() {
  log refused "$1"
  refused=yes
  exit "$REFUSED"
}

fail() {
  log migration-failed "\"database\":\"$1\",\"release\":\"$release\",\"reason\":\"$2\""
  exit 1
}

plan() {
  : >"$work/plan.new"
  local name
  while read -r -d '' name <&3; do
    ! needs_update "$name" || echo "$name" >>"$work/plan.new"
  done 3< <(odoo_databases)
  mv "$work/plan.new" "$work/plan"
  log planned "\"databases\":$(wc -l <"$work/plan")"
}

run() {
  hold_lock "${LOCK_SECONDS:-3600}" || { log busy '"reason":"another job of Odoo has the lock"'; exit "$BUSY"; }
  local name
  # Looked for anew: another job may have done it while this one waited.
  while read -r -d '' name <&3; do
    needs_update "$name" || continue
    [[ -e $work/backup ]] || fail "$name" "there is no backup of before: run the Job again"
    update "$name" || { is_copy "$name" && log copy-skipped "\"database\":\"$name\""; } || fail "$name" "its update failed"
  done 3< <(odoo_databases)
  create_first
  sql postgres --set=release="$release" <<<"INSERT INTO loomworks.odoo_releases (release) VALUES (:'release') ON CONFLICT DO NOTHING;"
  log migrated "\"release\":\"$release\""
}

finish() {
  local status=$?
  release_lock
  # psql's own code for a lost connection would be taken for a refusal, and not be tried again.
  [[ $status -ne $REFUSED || -n ${refused:-} ]] || exit 1
}
trap finish EXIT

await_server "${SERVER_SECONDS:-600}"
case ${1:-} in
  plan) plan ;;
  run) run ;;
  *) echo "usage: migrate-databases.sh plan|run" >&2; exit 64 ;;
esac
