"""
Odoo's processes, as it has them with workers: a master that replaces what ends, workers behind one port, one more for
WebSockets, and those of scheduled actions.
"""
import os
import select
import signal
import socket
import sys
import time
import traceback

import psycopg2

import web

SIGNALS = {signal.SIGTERM, signal.SIGINT, signal.SIGCHLD}
# Between two looks of the master; the liveness probe of odoo-cron counts on it.
BEAT_SECONDS = 4


def serve(settings):
    children = {}
    wanted = roles(settings)
    signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    print(f"serving with {len(wanted)} processes", file=sys.stderr)
    while True:
        for name, work in wanted.items():
            if name not in children.values():
                children[fork(work)] = name
        received = signal.sigtimedwait(SIGNALS, BEAT_SECONDS)
        reap(children, os.WNOHANG)
        if received is not None and received.si_signo != signal.SIGCHLD:
            break
    for child in children:
        os.kill(child, signal.SIGTERM)
    while children:
        reap(children, 0)


def roles(settings):
    """What each process does, by its name."""
    found = {f"cron-{index}": lambda: cron(settings) for index in range(settings.max_cron_threads)}
    if settings.has_http:
        http = listen(settings, settings.http_port)
        websocket = listen(settings, settings.gevent_port)
        for index in range(max(settings.workers, 1)):
            found[f"http-{index}"] = lambda: web.serve(http, settings, "http")
        found["websocket"] = lambda: web.serve(websocket, settings, "websocket")
    return found


def listen(settings, port):
    listener = socket.create_server((settings.http_interface, port), backlog=128)
    # Of the workers that a connection wakes, one gets it: the others must not wait for the next.
    listener.setblocking(False)
    return listener


def fork(work):
    child = os.fork()
    if child != 0:
        return child
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
    try:
        work()
    except BaseException:
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


def reap(children, how):
    try:
        while children:
            child, _ = os.waitpid(-1, how)
            if child == 0:
                return
            children.pop(child, None)
    except ChildProcessError:
        children.clear()


def cron(settings):
    """Waits to be told, on a session that it keeps, as Odoo does; nothing is ever due."""
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    master = os.getppid()
    while os.getppid() == master:
        try:
            session = settings.connect("postgres")
            session.autocommit = True
            session.cursor().execute("LISTEN cron_trigger")
            while os.getppid() == master:
                select.select([session], [], [], BEAT_SECONDS)
                session.cursor().execute("SELECT 1")
        except psycopg2.Error as error:
            print(f"cron: {error}", file=sys.stderr)
            time.sleep(1)
