#!/bin/bash
# What clones rely on of the official image's entrypoint: an empty data folder gets a database and a user (MYSQL_DATABASE, MYSQL_USER,
# MYSQL_PASSWORD) and root's password (MYSQL_ROOT_PASSWORD); then the server starts with the given arguments. Each variable
# also as a file's name in NAME_FILE, as there.
set -euo pipefail

data=/var/lib/mysql

# Usage: variable NAME     of the environment, or of the file that NAME_FILE names
variable() {
  local file=$1_FILE
  if [[ -n ${!file:-} ]]; then cat "${!file}"; else echo "${!1:-}"; fi
}

# Usage: quoted TEXT     as a string of SQL
quoted() {
  local text=${1//\\/\\\\}
  echo "'${text//\'/\'\'}'"
}

# What the server is to do before it takes anybody: by its input, as a command line is everybody's to read.
statements() {
  local root database user
  root=$(quoted "$(variable MYSQL_ROOT_PASSWORD)")
  database=$(variable MYSQL_DATABASE)
  user=$(variable MYSQL_USER)
  # Debian's set-up knows root by every name of this host, without a password.
  echo "DELETE FROM mysql.global_priv WHERE Host <> 'localhost';"
  echo "FLUSH PRIVILEGES;"
  echo "ALTER USER root@localhost IDENTIFIED BY $root;"
  echo "CREATE USER root@'%' IDENTIFIED BY $root;"
  echo "GRANT ALL ON *.* TO root@'%' WITH GRANT OPTION;"
  [[ -z $database ]] || echo "CREATE DATABASE IF NOT EXISTS \`${database//\`/\`\`}\`;"
  [[ -n $user ]] || return 0
  echo "CREATE USER $(quoted "$user")@'%' IDENTIFIED BY $(quoted "$(variable MYSQL_PASSWORD)");"
  [[ -z $database ]] || echo "GRANT ALL ON \`${database//\`/\`\`}\`.* TO $(quoted "$user")@'%';"
}

set_up() {
  if [[ -z $(variable MYSQL_ROOT_PASSWORD) ]]; then
    echo "MySQL is not set up: MYSQL_ROOT_PASSWORD or MYSQL_ROOT_PASSWORD_FILE must be given" >&2
    exit 1
  fi
  # One that was cut off begins anew: what is missing at its end is the mark.
  find "$data" -mindepth 1 -delete
  mariadb-install-db --auth-root-authentication-method=normal --skip-test-db --skip-name-resolve --datadir="$data" >/dev/null
  statements | mysqld --bootstrap
  touch "$data/.set-up"
}

[[ ${1:-} != -* ]] || set -- mysqld "$@"
arguments=()
for argument in "$@"; do
  # MySQL's second protocol, which MariaDB doesn't have.
  [[ $argument == --mysqlx=* ]] || arguments+=("$argument")
done
[[ ${arguments[0]:-} != mysqld || -e $data/.set-up ]] || set_up
exec "${arguments[@]}"
