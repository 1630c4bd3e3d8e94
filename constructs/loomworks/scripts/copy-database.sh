#!/bin/bash
# Makes a neutralised copy of a tenant's database for tests, or removes one. ACTION=create|remove|sweep SOURCE COPY EXPIRES_AT
# In Odoo's image, before "create": copy-database.sh neutralization, which asks Odoo for the statements that neutralise it.
#
# A copy that isn't neutralised is there for nobody, at no moment: one transaction restores it and neutralises it, and until it
# commits, the database is empty. It has a name that no request is led to until its files are there, too. Whatever is cut off is
# taken up by the next run, and by the sweep, which removes what has expired.
#
# Copies are marked: by a comment on the database, which no dump carries, and by a file in their folder. What isn't marked is never
# removed.
set -euo pipefail
# shellcheck source=odoo-databases.sh
source "${BASH_SOURCE[0]%/*}/odoo-databases.sh"

action=${ACTION:?} source=${SOURCE:-} copy=${COPY:-} expires=${EXPIRES_AT:-}
filestore=${FILESTORE:-/var/lib/odoo/filestore}
termination=${TERMINATION_LOG:-/dev/termination-log}
began=$SECONDS
step=beginning
# Share of the data volume that a copy may fill it up to: VolumeNearlyFull calls from 85 % on.
FULL_PERCENT=80
FILES_MARK=.loomworks-copy
NAME='[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?'
# Files that are copied at once: on a network file system each waits for its turn.
FILES_AT_ONCE=16

# Usage: report RESULT [FIELDS]     the line that whoever asked for the Job reads
report() {
  printf '{"result":"%s"%s}\n' "$1" "${2:+,$2}" | tee "$termination"
  reported=yes
}
refuse() {
  report refused "\"code\":\"$1\",\"reason\":\"$2\""
  exit "$REFUSED"
}
finish() {
  local status=$?
  release_lock
  [[ $status -ne 0 && -z ${reported:-} ]] || return 0
  report failed "\"code\":\"COPY_FAILED\",\"reason\":\"it failed while $step; its log says why\""
  # psql's own code for a lost connection would be taken for a refusal.
  exit 1
}
trap finish EXIT

# Usage: value DATABASE SQL [NAME=VALUE…]     one value; names go to psql as variables, never into the statement
value() {
  local database=$1 statement=$2 pair options=()
  shift 2
  for pair in "$@"; do options+=(--set="$pair"); done
  sql "$database" "${options[@]}" <<<"$statement"
}
exists() { [[ -n $(value postgres "SELECT 1 FROM pg_database WHERE datname = :'name'" name="$1") ]]; }
# Usage: marked DATABASE [KEY]     what its mark says; nothing if it has none
marked() {
  value postgres "SELECT CASE WHEN mark LIKE '$MARK%' THEN mark::json ->> :'key' END FROM pg_database,
    shobj_description(oid, 'pg_database') AS mark WHERE datname = :'name'" name="$1" key="${2:-loomworks}"
}
mark() {
  value postgres "COMMENT ON DATABASE :\"name\" IS :'mark';" name="$1" \
    mark="$MARK,\"of\":\"$source\",\"expiresAt\":\"$expires\"}"
}
# Of other logins' sessions nothing is to be seen but whose they are; autovacuum is nobody's, and gives way by itself.
# Odoo's scheduled actions look into each database: nobody may be in one that gets another name.
rename() {
  value postgres 'ALTER DATABASE :"from" ALLOW_CONNECTIONS false;' from="$1"
  value postgres "SELECT count(pg_terminate_backend(pid, 10000)) FROM pg_stat_activity
    WHERE datname = :'from' AND usesysid IS NOT NULL" from="$1" >/dev/null
  value postgres 'ALTER DATABASE :"from" RENAME TO :"to";' from="$1" to="$2"
  value postgres 'ALTER DATABASE :"to" ALLOW_CONNECTIONS true;' to="$2"
}
drop() { value postgres 'DROP DATABASE IF EXISTS :"name" WITH (FORCE);' name="$1"; }

valid() { [[ $1 =~ ^$NAME$ && ! $1 =~ ^(postgres|template[01])$ ]]; }

check_names() {
  local name
  for name in "$@"; do
    valid "$name" || refuse COPY_NAME "names are parts of host names, of 1 to 40 small letters, digits and hyphens"
  done
}

check_expiry() {
  local until=""
  if [[ $expires =~ ^[0-9]{4}(-[0-9]{2}){2}T[0-9]{2}(:[0-9]{2}){2}Z$ ]]; then
    until=$(date --date="$expires" +%s 2>/dev/null) || until=""
  fi
  [[ -n $until ]] || refuse COPY_EXPIRY "EXPIRES_AT is a moment such as 2026-12-31T12:00:00Z"
  ((until > $(now) && until <= $(now) + ${MAX_DAYS:?} * 86400)) ||
    refuse COPY_EXPIRY "EXPIRES_AT is past, or more than $MAX_DAYS days away"
}
now() { date --date="${NOW:-now}" +%s; }

# Usage: check_room     for the database on the server's volume, and for the files on theirs
check_room() {
  local all one files free
  all=$(value postgres "SELECT sum(pg_database_size(oid)) FROM pg_database")
  one=$(value postgres "SELECT pg_database_size(:'name')" name="$source")
  ((all + one <= ${DATA_VOLUME_BYTES:?} * FULL_PERCENT / 100)) ||
    refuse COPY_NO_SPACE "with it the databases would fill more than $FULL_PERCENT % of their volume: $all and $one bytes"
  [[ -d $filestore/$source ]] || return 0
  files=$(du --bytes --summarize "$filestore/$source" | cut -f1)
  free=$(df --block-size=1 --output=avail "$filestore" | tail -1)
  ((files < free)) || refuse COPY_NO_SPACE "its files have $files bytes, and $free are free"
}

check_source() {
  exists "$source" || refuse COPY_SOURCE_MISSING "there is no database $source"
  [[ -z $(marked "$source") ]] || refuse COPY_SOURCE_IS_COPY "$source is a copy itself"
  [[ $(value "$source" "SELECT to_regclass('public.ir_config_parameter') IS NOT NULL") == t ]] ||
    refuse COPY_SOURCE_MISSING "$source is no database of Odoo's"
}

check_count() {
  local count
  count=$(value postgres "SELECT count(*) FROM pg_database WHERE shobj_description(oid, 'pg_database') LIKE '$MARK%'")
  ((count < ${MAX_COPIES:?})) || refuse COPY_TOO_MANY "there are $count copies, and $MAX_COPIES may be"
}

installed_modules() {
  value "$1" "SELECT md5(string_agg(name, ',' ORDER BY name)) FROM ir_module_module WHERE state IN ('installed', 'to upgrade', 'to remove')"
}

# Usage: script MODULES     what restores and neutralises it in one transaction, committed only when the dump came to its end
script() {
  echo "BEGIN;"
  pg_dump --no-owner --no-privileges --no-comments --no-publications --no-subscriptions || return 1
  echo "SET search_path TO public;"
  # What Odoo printed is a transaction of its own, which would commit half of ours.
  sed '/^\(BEGIN\|COMMIT\);$/d' "$work/neutralization.sql"
  cat <<SQL
UPDATE ir_config_parameter SET value = gen_random_uuid() WHERE key IN ('database.uuid', 'database.secret');
UPDATE ir_config_parameter SET value = 'https://$copy.${DOMAIN:?}' WHERE key = 'web.base.url';
DO \$\$ BEGIN
  IF NOT EXISTS (SELECT FROM ir_config_parameter WHERE key = 'database.is_neutralized' AND lower(value) = 'true') THEN
    RAISE 'Odoo has not neutralised it';
  END IF;
  IF (SELECT md5(string_agg(name, ',' ORDER BY name)) FROM ir_module_module
       WHERE state IN ('installed', 'to upgrade', 'to remove')) <> '$1' THEN
    RAISE 'modules were installed meanwhile, of which the neutralisation knows nothing';
  END IF;
END \$\$;
CREATE TABLE loomworks_copied AS SELECT now() AS at;
COMMIT;
SQL
}

# Statements for the modules of then, so these are counted before and after.
restore() {
  local modules
  modules=$(cat "$work/modules")
  PGDATABASE=$copy$COPYING while_locked psql "${PSQL[@]}" --output=/dev/null < <(PGDATABASE=$source script "$modules")
  # A dump that was cut off ends without an error of psql's, and without a commit.
  value "$copy$COPYING" "DROP TABLE loomworks_copied"
}

# Odoo never changes a file of an attachment. One that goes meanwhile belonged to an attachment that was deleted.
copy_files() {
  local into=$filestore/$copy from=$filestore/$source
  mkdir -p "$into$COPYING"
  touch "$into$COPYING/$FILES_MARK"
  if [[ -d $from ]]; then
    (cd "$from" && find . -type d -print0) | (cd "$into$COPYING" && xargs -0 --no-run-if-empty mkdir -p)
    (cd "$from" && find . -type f -print0 |
      xargs -0 --no-run-if-empty --max-procs="$FILES_AT_ONCE" --max-args=64 \
        cp --parents --target-directory="$into$COPYING" --) 2>"$work/cp" || true
    if grep --invert-match "No such file or directory" "$work/cp" >&2; then return 1; fi
  fi
  mv --no-target-directory "$into$COPYING" "$into"
}

# Usage: remove_files NAME     those of a copy; never those of a tenant
remove_files() {
  rm -rf "${filestore:?}/$1$COPYING"
  [[ ! -e $filestore/$1/$FILES_MARK ]] || rm -rf "${filestore:?}/$1"
}

create() {
  check_names "$source" "$copy"
  [[ $source != "$copy" ]] || refuse COPY_NAME "a copy has another name than its source"
  check_expiry
  lock
  check_source
  if exists "$copy"; then
    [[ $(marked "$copy" of) == "$source" ]] || refuse COPY_NAME_TAKEN "there is a database $copy, which is no copy of $source"
    value postgres 'ALTER DATABASE :"name" ALLOW_CONNECTIONS true;' name="$copy"
    mark "$copy"
    result exists
    return
  fi
  step="clearing what a former run left"
  if exists "$copy$COPYING"; then
    remove_files "$copy"
    drop "$copy$COPYING"
  fi
  [[ ! -e $filestore/$copy ]] || refuse COPY_FILES_IN_THE_WAY "there are files by the name $copy, and no database of theirs"
  check_count
  check_room

  step="making the database"
  value postgres "SELECT format('CREATE DATABASE %I TEMPLATE template0 ENCODING %L LC_COLLATE %L LC_CTYPE %L', :'copy',
    pg_encoding_to_char(encoding), datcollate, datctype) FROM pg_database WHERE datname = :'source' \\gexec" \
    copy="$copy$COPYING" source="$source"
  mark "$copy$COPYING"
  step="restoring it"
  restore
  step="copying its files"
  copy_files
  step="giving it its name"
  rename "$copy$COPYING" "$copy"
  result created
}

# Under a name that no request is led to, at once; a run that is cut off leaves that name, by which the next one goes on.
remove() {
  check_names "$copy"
  lock
  if exists "$copy"; then
    [[ -n $(marked "$copy") ]] || refuse COPY_NOT_A_COPY "$copy is no copy"
    step="taking its name"
    rename "$copy" "$copy$REMOVING"
  elif ! exists "$copy$REMOVING" && ! exists "$copy$COPYING"; then
    report absent "\"copy\":\"$copy\""
    return
  fi
  remove_rest "$copy"
  report removed "\"copy\":\"$copy\""
}

remove_rest() {
  step="removing it"
  remove_files "$1"
  drop "$1$REMOVING"
  drop "$1$COPYING"
}

# What has expired, and what runs left that were cut off: nobody else is at work, since the lock is ours.
sweep() {
  lock
  local name removed=0
  while read -r name <&3; do
    copy=${name%.*}
    valid "$copy" || continue
    [[ $name == *.* ]] || rename "$name" "$name$REMOVING"
    remove_rest "$copy"
    log swept "\"copy\":\"$copy\""
    removed=$((removed + 1))
  done 3< <(
    value postgres "SELECT datname FROM pg_database, shobj_description(oid, 'pg_database') AS mark
      WHERE pg_get_userbyid(datdba) = current_user AND (datname LIKE '%$COPYING' OR datname LIKE '%$REMOVING' OR
        CASE WHEN mark LIKE '$MARK%' THEN (mark::json ->> 'expiresAt')::timestamptz <= to_timestamp(:now) END)
      ORDER BY datname" now="$(now)"
  )
  report swept "\"removed\":$removed"
}

# The modules first: had one more been installed in between, they would differ from the copy's.
print_neutralization() {
  : >"$work/neutralization.sql"
  : >"$work/modules"
  valid "$source" || return 0
  await_server "${SERVER_SECONDS:-120}"
  # What can't be copied, the next container refuses, and says why.
  exists "$source" || return 0
  [[ $(value "$source" "SELECT to_regclass('public.ir_module_module') IS NOT NULL") == t ]] || return 0
  installed_modules "$source" >"$work/modules"
  odoo neutralize --config "${ODOO_CONF:?}" --database "$source" --stdout >"$work/neutralization.sql"
}

result() {
  report "$1" "\"copy\":\"$copy\",\"source\":\"$source\",\"expiresAt\":\"$expires\",\"bytes\":$(value postgres \
    "SELECT pg_database_size(:'name')" name="$copy"),\"seconds\":$((SECONDS - began))"
}

lock() {
  await_server "${SERVER_SECONDS:-120}"
  hold_lock "${LOCK_SECONDS:-600}" || {
    report busy '"code":"COPY_BUSY","reason":"a migration or another copy is under way"'
    exit "$BUSY"
  }
}

case ${1:-$action} in
  neutralization) print_neutralization ;;
  create) create ;;
  remove) remove ;;
  sweep) sweep ;;
  *) echo "copy-database: expected ACTION to be create, remove or sweep" >&2; exit 64 ;;
esac
