"""Odoo's settings: its command line, and below that its file."""
import argparse
import configparser
import os

import psycopg2

NUMBERS = {"workers": 0, "max_cron_threads": 2, "http_port": 8069, "gevent_port": 8072}
TEXTS = {"database": None, "data_dir": "/var/lib/odoo", "db_sslmode": None, "http_interface": ""}
# What the real one takes, and what makes no difference to a stand-in.
IGNORED = ["limit-memory-soft", "limit-memory-hard"]


class Settings:
    def __init__(self, arguments):
        given = parser().parse_args(arguments)
        file = read(given.config)
        for name, default in {**NUMBERS, **TEXTS}.items():
            value = getattr(given, name, None)
            value = file.get(name, default) if value is None else value
            setattr(self, name, int(value) if name in NUMBERS else value)
        self.init, self.update, self.has_http = given.init, given.update, not given.no_http

    def connect(self, database):
        """The rest is the environment's, as libpq reads it."""
        mode = {"sslmode": self.db_sslmode} if self.db_sslmode else {}
        return psycopg2.connect(dbname=database, connect_timeout=5, **mode)

    def database_of(self, host):
        """The filter ^%d$: the first part of a host names its database, unless the command line names it."""
        return self.database or host.split(":")[0].split(".")[0]

    def filestore(self, database):
        return os.path.join(self.data_dir, "filestore", database)


def parser():
    options = argparse.ArgumentParser(prog="odoo", allow_abbrev=False)
    options.add_argument("--config")
    options.add_argument("--init")
    options.add_argument("--update")
    for flag in ["no-http", "stop-after-init", "stdout"]:
        options.add_argument(f"--{flag}", action="store_true")
    for name in [*NUMBERS, *TEXTS]:
        options.add_argument(f"--{name.replace('_', '-')}")
    for name in IGNORED:
        options.add_argument(f"--{name}")
    return options


def read(path):
    file = configparser.RawConfigParser()
    file.read(path or [], encoding="utf-8")
    return dict(file.items("options")) if file.has_section("options") else {}
