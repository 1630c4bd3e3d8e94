#!/bin/sh
# Does for the tests what the official image's entrypoint does: lays WordPress out for a web server, and becomes it.
set -eu
echo "official: $*" >>"$STUB_LOG"
case "${1-}" in
  apache2*)
    [ -e wp-includes/version.php ] || cp -R "$STUB_SOURCE/." .
    if [ -e wp-config-docker.php ] && [ ! -s wp-config.php ]; then
      key=$(head -c 20 /dev/urandom | od -An -tx1 | tr -d ' \n')
      sed "s/put your unique phrase here/$key/" wp-config-docker.php >wp-config.php
    fi
    ;;
esac
exec "$@"
