#!/bin/bash
# Becomes the first process of a node: what starts in its namespaces ends with it, and so do its mounts, addresses and rules.
#
#   node.sh FOLDER ADDRESS GATEWAY    in new mount, network, UTS and IPC namespaces; FOLDER/cable tells that eth0 is there
set -euo pipefail
folder=$1 address=$2 gateway=$3

# Mounts of pods spread within the node, and none of them leaves it.
mount --make-rprivate /
mount --make-rshared /
# What programs write to fixed places; the machine's own are out of sight.
for place in /run /var/log /var/lib/cni /etc/cni; do
  [[ ! -d $place ]] || mount -t tmpfs tmpfs "$place"
done

until [[ -e $folder/cable ]]; do sleep 0.05; done
ip link set lo up
ip address add "$address/30" dev eth0
ip link set eth0 up
ip route add default via "$gateway"
echo 1 >/proc/sys/net/ipv4/ip_forward
# A pod that is led to itself by a Service's address comes in by the port that it left by.
[[ ! -e /proc/sys/net/bridge/bridge-nf-call-iptables ]] || echo 1 >/proc/sys/net/bridge/bridge-nf-call-iptables

# The first process of a PID namespace takes all others with it, whoever kills it.
# shellcheck disable=SC2016
exec unshare --pid --fork --kill-child --mount-proc bash -c '
  trap "exit 0" TERM
  touch "$0/up"
  while :; do sleep 3600 & wait; done
' "$folder"
