#!/bin/sh
# Ends whatever its owner started in a folder, and removes the folder, as soon as the owner is gone.
#
#   keeper.sh FOLDER    standard input: a pipe whose other end only the owner holds
#
# The kernel closes that pipe however the owner ends, so a crash, Ctrl-C, SIGKILL and an orderly stop are one path.
folder=$1

# What ends the owner (a closed terminal, a group-wide kill) must not end the keeper before its work is done.
trap '' HUP INT TERM
cat >/dev/null

# Each file in run/ holds the id of a process group; see Keeper.start. A file may vanish while it is read.
signal() {
  found=1
  for file in "$folder"/run/*; do
    group=$(cat "$file" 2>/dev/null) || continue
    [ -n "$group" ] && kill -s "$1" -- "-$group" 2>/dev/null && found=0
  done
  return $found
}

# Nothing kept here has state worth a goodbye. Some seconds at most: a zombie that nobody reaps stays for ever.
tries=0
while signal KILL && [ $tries -lt 50 ]; do
  tries=$((tries + 1))
  sleep 0.1
done

# A real node's control groups: empty now, and only so do they go. See node/real-node.ts.
if [ -f "$folder/cgroup" ]; then
  name=$(cat "$folder/cgroup")
  tries=0
  while find /sys/fs/cgroup -depth -type d -path "*/$name*" 2>/dev/null | grep -q . && [ $tries -lt 50 ]; do
    find /sys/fs/cgroup -depth -type d -path "*/$name*" -exec rmdir {} + 2>/dev/null
    tries=$((tries + 1))
    sleep 0.1
  done
fi

# A program being started right now fails to write its file once the folder is gone, and so never runs.
tries=0
until rm -rf "$folder" 2>/dev/null || [ $tries -ge 50 ]; do
  tries=$((tries + 1))
  sleep 0.1
done
