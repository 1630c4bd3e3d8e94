"""What our scripts have Odoo do to a database, and what the real one leaves there."""
import os
import sys
import time
from contextlib import closing

NEUTRALIZATION = """\
BEGIN;
UPDATE ir_mail_server
   SET active = false;
INSERT INTO ir_mail_server (name, smtp_host, active) VALUES ('neutralization - disable emails', 'invalid', true);
UPDATE ir_cron SET active = false;
INSERT INTO ir_config_parameter (key, value)
VALUES ('database.is_neutralized', true)
    ON CONFLICT (key) DO
       UPDATE SET value = true;
COMMIT;
"""

# The last table is the stand-in's own: the rows that requests write.
TABLES = """
CREATE TABLE ir_module_module (name text PRIMARY KEY, state text, latest_version text);
INSERT INTO ir_module_module VALUES ('base', 'installed', %(series)s || '.1.3'), ('mail', 'installed', %(series)s || '.1.19');
CREATE TABLE ir_config_parameter (id serial, key text UNIQUE, value text);
INSERT INTO ir_config_parameter (key, value) VALUES ('database.uuid', gen_random_uuid()), ('database.secret', gen_random_uuid()),
  ('web.base.url', 'https://original');
CREATE TABLE ir_mail_server (name text, smtp_host text, active boolean);
INSERT INTO ir_mail_server VALUES ('real', 'smtp.example.com', true);
CREATE TABLE ir_cron (name text, active boolean);
INSERT INTO ir_cron VALUES ('send invoices', true);
CREATE TABLE res_users (login text, password text);
INSERT INTO res_users VALUES ('admin', 'admin');
CREATE TABLE visits (number bigserial PRIMARY KEY, at timestamptz NOT NULL DEFAULT clock_timestamp());
"""


def neutralize(settings):
    run(settings, "SELECT name FROM ir_module_module WHERE state IN ('installed', 'to upgrade', 'to remove')")
    think()
    sys.stdout.write(NEUTRALIZATION)


def initialize(settings, version):
    name = settings.database.replace('"', '""')
    run(settings, f'CREATE DATABASE "{name}" TEMPLATE template0', database="postgres")
    run(settings, TABLES, {"series": version.split("-")[0]})


def update(settings):
    """FAIL_AT=DATABASE fails there in the middle, with modules under way."""
    run(settings, "UPDATE ir_module_module SET state = 'to upgrade' WHERE state = 'installed'")
    think()
    if os.environ.get("FAIL_AT") == settings.database:
        run(settings, "UPDATE ir_module_module SET state = 'installed' WHERE name = 'base'")
        print("CRITICAL Failed to initialize database", file=sys.stderr)
        sys.exit(255)
    run(settings, "UPDATE ir_module_module SET state = 'installed' WHERE state = 'to upgrade'")


def run(settings, sql, values=None, database=None):
    with closing(settings.connect(database or settings.database)) as connection:
        connection.autocommit = True
        connection.cursor().execute(sql, values)


def think():
    time.sleep(float(os.environ.get("SLOW", "0")))
