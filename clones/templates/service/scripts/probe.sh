#!/bin/bash
# Tells Kubernetes how Redis is. Usage: probe.sh alive|ready
#
# alive: the server answers, be it that it still loads its file: restarting it would help nobody. One that doesn't answer
#        at all hangs, and is restarted.
# ready: the server takes commands.
# The user "probe" may do nothing but this, so the words for its password are none.
set -uo pipefail

answer=$(timeout 4 redis-cli -h 127.0.0.1 -p "${REDIS_PORT:-6379}" --no-auth-warning --user probe --pass none ping 2>&1)

case $1 in
  alive) [[ -n $answer && $answer != "Could not connect"* ]] ;;
  ready) [[ $answer == PONG ]] ;;
  *) echo "probe: got \"$1\"; expected alive or ready" >&2; exit 64 ;;
esac
