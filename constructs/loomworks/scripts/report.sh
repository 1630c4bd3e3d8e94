# shellcheck shell=sh
# Sourced: how a run tells what came of it: people by lines of JSON, Prometheus by node_exporter's textfile collector. For any
# POSIX shell.

metrics=${METRICS:-/metrics}

# Usage: log EVENT [FIELDS]     one line of JSON
log() { printf '{"event":"%s"%s}\n' "$1" "${2:+,$2}"; }

# Usage: gauge NAME VALUE HELP [LABELS]
gauge() { printf '# HELP %s %s\n# TYPE %s gauge\n%s%s %s\n' "$1" "$3" "$1" "$1" "${4:+{$4\}}" "$2"; }

# Usage: … | publish_metrics FILE     replaces what FILE said before, at once: nobody reads half of it
publish_metrics() {
  cat >"$metrics/.$1.$$"
  mv "$metrics/.$1.$$" "$metrics/$1.prom"
}
