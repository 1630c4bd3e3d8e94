#!/bin/sh
# What a clone relies on of the official image's entrypoint: for commands named apache2*, it lays WordPress out in an empty folder and
# writes a wp-config.php with keys of its own; then it becomes the command.
set -eu

# Each place for a key gets one of its own, of 40 hexadecimal digits.
with_keys() {
  while IFS= read -r line; do
    case $line in
      *'put your unique phrase here'*)
        key=$(head -c 1000 /dev/urandom | sha1sum | cut -d ' ' -f 1)
        printf '%s\n' "$line" | sed "s/put your unique phrase here/$key/"
        ;;
      *) printf '%s\n' "$line" ;;
    esac
  done
}

case "${1-}" in
  apache2*)
    if [ ! -e index.php ] && [ ! -e wp-includes/version.php ]; then
      tar --create --directory=/usr/src/wordpress . | tar --extract --no-overwrite-dir
    fi
    if [ -s wp-config-docker.php ] && [ ! -s wp-config.php ]; then
      with_keys <wp-config-docker.php >wp-config.php
    fi
    ;;
esac
exec "$@"
