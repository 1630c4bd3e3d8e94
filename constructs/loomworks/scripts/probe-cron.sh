#!/bin/bash
# Tells Kubernetes how Odoo's scheduled actions are, which have no port. Usage: probe-cron.sh alive|ready
#
# alive: the master goes on. Every four seconds it wakes to replace workers that hang or have ended, and the kernel counts that.
# ready: it has a worker. What a worker does is its own: one action may take an hour.
set -euo pipefail

master=${MASTER:-1}
switches() { grep '^voluntary_ctxt_switches' "/proc/$master/status"; }

case ${1:-} in
  alive)
    before=$(switches)
    sleep 6
    [[ $(switches) != "$before" ]] || { echo hung; exit 1; }
    ;;
  ready)
    grep --quiet --no-messages --line-regexp "PPid:[[:space:]]$master" /proc/[0-9]*/status || { echo "no workers"; exit 1; }
    ;;
  *) echo "probe-cron: got \"${1:-}\"; expected alive or ready" >&2; exit 64 ;;
esac
