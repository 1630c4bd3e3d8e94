# shellcheck shell=sh
# Sourced: how a run tells Prometheus what came of it, by node_exporter's textfile collector. For any POSIX shell.

metrics=${METRICS:-/metrics}

# Usage: gauge NAME VALUE HELP
gauge() { printf '# HELP %s %s\n# TYPE %s gauge\n%s %s\n' "$1" "$3" "$1" "$1" "$2"; }

# Usage: … | publish_metrics FILE     replaces what FILE said before, at once: nobody reads half of it
publish_metrics() {
  cat >"$metrics/.$1.$$"
  mv "$metrics/.$1.$$" "$metrics/$1.prom"
}
