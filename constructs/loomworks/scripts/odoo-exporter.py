"""Metrics of one Odoo replica, on a port of its own: Odoo has none, and its own port is for the ingress alone."""

import os
import time
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ODOO = os.environ.get("ODOO_URL", "http://127.0.0.1:8069")
PORT = int(os.environ.get("EXPORTER_PORT", "9188"))
TIMEOUT_SECONDS = 5


def check(path):
    """1 or 0, and how long the answer took."""
    started = time.monotonic()
    try:
        with urllib.request.urlopen(ODOO + path, timeout=TIMEOUT_SECONDS) as answer:
            healthy = 200 <= answer.status < 300
    except (urllib.error.URLError, OSError):
        healthy = False
    return int(healthy), time.monotonic() - started


def metrics():
    up, seconds = check("/web/health")
    database, _ = check("/web/health?db_server_status=1")
    rows = [
        ("odoo_up", "Whether Odoo answers.", up),
        ("odoo_database_up", "Whether Odoo reaches its database.", database),
        ("odoo_health_seconds", "Time until Odoo answered, in seconds.", f"{seconds:.6f}"),
    ]
    return "".join(f"# HELP {name} {text}\n# TYPE {name} gauge\n{name} {value}\n" for name, text, value in rows)


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path != "/metrics":
            self.send_error(404)
            return
        body = metrics().encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; version=0.0.4")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        """A line every scrape says nothing."""


if __name__ == "__main__":
    ThreadingHTTPServer(("", PORT), Handler).serve_forever()
