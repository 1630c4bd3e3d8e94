"""
Metrics of one Odoo replica, on a port of its own: Odoo has none, and its own port is for the ingress alone.

Beside that it holds a session with this pod's credentials. Odoo opens none while nobody asks it for anything, and
keep-roles.sh takes a login without a session for nobody's.
"""

import os
import signal
import threading
import time
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import psycopg2

ODOO = os.environ.get("ODOO_URL", "http://127.0.0.1:8069")
PORT = int(os.environ.get("EXPORTER_PORT", "9188"))
TIMEOUT_SECONDS = 5
SESSION_CHECK_SECONDS = 5


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


def hold_session():
    """For ever: a session that broke is opened anew."""
    while True:
        try:
            session = psycopg2.connect(
                dbname="postgres",
                application_name="odoo-exporter",
                connect_timeout=TIMEOUT_SECONDS,
                tcp_user_timeout=TIMEOUT_SECONDS * 1000,
            )
            session.autocommit = True
            while True:
                session.cursor().execute("SELECT 1")
                time.sleep(SESSION_CHECK_SECONDS)
        except psycopg2.Error:
            time.sleep(SESSION_CHECK_SECONDS)


if __name__ == "__main__":
    # The first process of a container ends by no signal that it doesn't catch: its pod would stay for all of Odoo's grace period.
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    threading.Thread(target=hold_session, daemon=True).start()
    ThreadingHTTPServer(("", PORT), Handler).serve_forever()
