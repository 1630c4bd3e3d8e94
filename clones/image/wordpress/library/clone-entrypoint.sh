#!/bin/sh
# What a clone's container starts with: waits for the database, has the official entrypoint lay WordPress out, installs it
# into an empty database, and becomes the web server. Nobody reaches an installer: the web server comes last.
#
#   clone-entrypoint.sh apache2-foreground     the container's own way
#   clone-entrypoint.sh php --version          anything else goes to the official entrypoint as it is
#
# The official entrypoint lays WordPress out for commands named apache2*, and then becomes that command. So it is given
# this script again, by its other name apache2-clone (a link beside the official one), which does what comes after.
# The one thing that it can't do is to lay WordPress out in a folder that the user may write to but doesn't own, as a
# pod's volume is: its tar wants to change the folder's mode. So that is done here; the official one finds it done.
#
# Exit codes: 75 the database is away, 77 it refuses the user, 78 something isn't configured, 143 asked to end.
set -eu

library=$(dirname "$(readlink -f "$0")")

# As a container's first process a shell hears no signal that it has no trap for, nor any while a command runs in front.
stoppable() {
  "$@" &
  child=$!
  trap 'kill -s TERM "$child" 2>/dev/null || true; exit 143' TERM INT
  wait "$child" || exit
  trap - TERM INT
}

if [ "$(basename "$0")" = apache2-clone ]; then
  stoppable php "$library/install.php"
  # Of use to nobody any more, least of all to the code that comes with a site.
  unset WORDPRESS_ADMIN_PASSWORD WORDPRESS_ADMIN_PASSWORD_FILE
  exec "$@"
fi

# With index.php last: where it is, everything is. A copy that was cut off begins anew.
lay_out() {
  from=${CLONE_SOURCE:-/usr/src/wordpress}
  find "$from" -mindepth 1 -maxdepth 1 ! -name index.php -exec cp -R -t . {} +
  cp "$from/index.php" .
}

case "${1-}" in
  apache2*)
    stoppable php "$library/wait-for-database.php"
    if [ ! -e index.php ] && [ "$(stat -c %u .)" != "$(id -u)" ]; then stoppable lay_out; fi
    exec docker-entrypoint.sh apache2-clone "$@"
    ;;
  *) exec docker-entrypoint.sh "$@" ;;
esac
