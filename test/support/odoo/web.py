"""
What a worker answers. Each host has the database of its first part.

  GET  /web/health[?db_server_status=1]     as Odoo has it
  POST /visits[?number=N]                   writes a row, with that number or the next; says who wrote it, and when
  GET  /visits                              how many rows there are, and their first and last number
  POST /attachments                         keeps the body as Odoo keeps an attachment; says its name
  GET  /attachments/NAME                    an attachment, whoever kept it
  POST /burn?seconds=S&share=C              takes C of a core for so long, and answers at once
"""
import hashlib
import json
import os
import signal
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

import psycopg2

SLICE_SECONDS = 0.05
POOL = {}
LOCK = threading.Lock()


class Worker(ThreadingHTTPServer):
    # Those that are under way are finished at the end.
    daemon_threads = False

    def __init__(self, listener, handler):
        super().__init__(listener.getsockname()[:2], handler, bind_and_activate=False)
        self.socket.close()
        self.socket = listener
        self.master = os.getppid()

    def service_actions(self):
        if os.getppid() != self.master:
            os._exit(1)


def serve(listener, settings, kind):
    worker = Worker(listener, handler(settings, kind))
    # From a thread: it waits for the loop, which the signal has interrupted.
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=worker.shutdown).start())
    worker.serve_forever(poll_interval=0.5)
    worker.server_close()


def handler(settings, kind):
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.route({"/web/health": health, "/visits": count_visits, "/websocket": say_kind})

        def do_POST(self):
            self.route({"/visits": visit, "/attachments": attach, "/burn": burn})

        def route(self, routes):
            url = urlsplit(self.path)
            length = int(self.headers.get("Content-Length") or 0)
            request = Request(settings, kind, self.headers.get("Host", ""), dict(parse_qsl(url.query)), self.rfile.read(length))
            try:
                if self.command == "GET" and url.path.startswith("/attachments/"):
                    status, answer = attachment(request, os.path.basename(url.path))
                else:
                    status, answer = routes.get(url.path, nothing)(request)
            except psycopg2.Error as error:
                status, answer = 500, {"error": str(error)}
                print(f"{self.command} {url.path}: {error}", file=sys.stderr)
            self.answer(status, answer)

        def answer(self, status, answer):
            body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments):
            """Whoever asks counts what comes back."""

    return Handler


class Request:
    def __init__(self, settings, kind, host, query, body):
        self.settings, self.kind, self.query, self.body = settings, kind, query, body
        self.database = settings.database_of(host)


def nothing(request):
    return 404, {"error": "there is no such page"}


def say_kind(request):
    return (200, {"server": request.kind}) if request.kind == "websocket" else nothing(request)


def health(request):
    if "db_server_status" in request.query:
        request.settings.connect("postgres").close()
    return 200, {"status": "pass"}


def visit(request):
    number = request.query.get("number")
    columns = "DEFAULT VALUES" if number is None else "(number) VALUES (%(number)s)"
    sql = f"INSERT INTO visits {columns} RETURNING number, at::text, current_user, session_user"
    # By which Odoo finds the database of a host.
    listed = (
        "SELECT count(*) FROM pg_database WHERE datname = %(database)s"
        " AND datdba = (SELECT usesysid FROM pg_user WHERE usename = current_user)"
    )
    values = {"number": number, "database": request.database}
    (number, at, owner, login), (count,) = rows(request, [sql, listed], values)
    return 200, {"number": number, "at": at, "owner": owner, "login": login, "listed": count}


def count_visits(request):
    [(count, first, last)] = rows(request, ["SELECT count(*), min(number), max(number) FROM visits"], {})
    return 200, {"count": count, "first": first, "last": last}


def rows(request, statements, values):
    """The one row of each statement, all in one transaction, on a pooled connection that is cleaned as Odoo cleans it."""
    connection = borrow(request)
    try:
        with connection, connection.cursor() as cursor:
            found = [execute(cursor, sql, values) for sql in statements]
    except psycopg2.Error:
        connection.close()
        raise
    give_back(request, connection)
    return found


def execute(cursor, sql, values):
    cursor.execute(sql, values)
    return cursor.fetchone()


def borrow(request):
    with LOCK:
        connection = POOL.pop(request.database, None)
    try:
        if connection is not None:
            connection.reset()
            return connection
    except psycopg2.Error:
        """The server has ended it meanwhile."""
    return request.settings.connect(request.database)


def give_back(request, connection):
    """One is kept for each database, so that new ones are made all the time."""
    with LOCK:
        kept = POOL.setdefault(request.database, connection)
    if kept is not connection:
        connection.close()


def attach(request):
    name = hashlib.sha1(request.body).hexdigest()
    path = path_of(request, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(request.body)
    return 200, {"name": name}


def attachment(request, name):
    try:
        with open(path_of(request, name), "rb") as file:
            return 200, file.read()
    except FileNotFoundError:
        return nothing(request)


def path_of(request, name):
    return os.path.join(request.settings.filestore(request.database), name[:2], name)


def burn(request):
    seconds, share = float(request.query["seconds"]), float(request.query["share"])
    threading.Thread(target=spin, args=(seconds, share), daemon=True).start()
    return 200, {"seconds": seconds, "share": share}


def spin(seconds, share):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        pause = time.monotonic() + SLICE_SECONDS * share
        while time.monotonic() < pause:
            pass
        time.sleep(SLICE_SECONDS * (1 - share))
