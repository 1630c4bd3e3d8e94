#!/bin/bash
# Writes odoo.conf from the environment, since the image reads four values of it alone.
# ODOO_CONF_WORKERS=3 becomes "workers = 3". The prefix is longer than ODOO_, since the image sets ODOO_RC and ODOO_VERSION.
set -euo pipefail
umask 0027

file=${1:?usage: render-odoo-conf.sh FILE}
{
  echo "[options]"
  # Sorted, so that two renderings can be compared; the null byte keeps values whole.
  env --null | sort --zero-terminated | while IFS='=' read -r -d '' name value; do
    [[ $name == ODOO_CONF_* ]] || continue
    if [[ $value == *$'\n'* ]]; then
      echo "render-odoo-conf: $name has more than one line; odoo.conf can't hold that" >&2
      exit 1
    fi
    option=${name#ODOO_CONF_}
    printf '%s = %s\n' "${option,,}" "$value"
  done
} >"$file"
