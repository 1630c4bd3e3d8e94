#!/bin/bash
# Writes who may do what in Redis. Usage: acl.sh FILE, with REDIS_PASSWORD in the environment
#
# default:  the service. All of the queue's commands; none that manage the server or empty it (FLUSHALL, CONFIG, DEBUG).
# exporter: reads figures.
# probe:    may ask whether the server answers, as anybody can tell who opens a connection; so it needs no password.
# The file has the password's hash alone.
set -euo pipefail

file=$1
hash=$(printf %s "${REDIS_PASSWORD:?}" | sha256sum | cut -d ' ' -f 1)

# No here-document: bash may want a file for it, and there is nowhere to write one.
umask 0077
printf '%s\n' >"$file" \
  "user default on #$hash ~* &* +@all -@admin -@dangerous +info +client|list" \
  "user exporter on #$hash resetkeys resetchannels -@all +ping +info +client|setname +slowlog|len +slowlog|get +latency|latest +latency|histogram" \
  "user probe on nopass resetkeys resetchannels -@all +ping"
