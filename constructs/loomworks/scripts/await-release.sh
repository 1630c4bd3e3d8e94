#!/bin/bash
# Holds a pod of Odoo back until the databases are those of its release: whoever applied the manifests, and in whatever order.
# The migration's Job says so in the database itself, where a restore takes it back with everything else.
set -euo pipefail
# shellcheck source=odoo-databases.sh
source "${BASH_SOURCE[0]%/*}/odoo-databases.sh"

release=${RELEASE:?}
# The first process of a container ends by no signal that it doesn't catch; its pod would stay for the whole of its grace period.
trap 'exit 143' TERM INT
told=""
until answer=$(sql postgres --set=release="$release" 2>&1 \
  <<<"SELECT 'released' FROM loomworks.odoo_releases WHERE release = :'release'") && [[ $answer == released ]]; do
  # Once for each reason.
  answer=${answer:-no Job odoo-migrate-… of it has ended well yet}
  [[ $answer == "$told" ]] || echo "await-release: $release: $answer" >&2
  told=$answer
  sleep "${AWAIT_INTERVAL:-2}"
done
