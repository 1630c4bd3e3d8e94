"""Refuses an odoo.conf with which Odoo couldn't run, or shouldn't: better no start than one that shows tenants to each other.

Usage: check-odoo-conf.py FILE     says everything that is wrong, and exits with 1 if anything is
ODOO_MEMORY_LIMIT in the environment: bytes that Odoo's container may take
"""
import configparser
import os
import sys

# What Odoo 19 reads from its file (odoo/tools/config.py). It only warns of others, and goes on without them.
NUMBERS = set(
    "db_maxconn db_maxconn_gevent db_port gevent_port http_port limit_memory_hard limit_memory_hard_gevent limit_memory_soft "
    "limit_memory_soft_gevent limit_request limit_time_cpu limit_time_real limit_time_real_cron limit_time_worker_cron "
    "max_cron_threads osv_memory_count_limit smtp_port websocket_keep_alive_timeout websocket_rate_limit_burst workers".split()
)
OTHERS = set(
    "addons_path admin_passwd csv_internal_sep data_dir db_app_name db_host db_name db_password db_replica_host "
    "db_replica_port db_sslmode db_template db_user dbfilter email_from from_filter geoip_city_db geoip_country_db "
    "http_enable http_interface import_partial list_db log_db log_db_level log_handler log_level logfile pg_path pidfile "
    "proxy_mode pre_upgrade_scripts reportgz screencasts screenshots server_wide_modules skip_auto_install smtp_password "
    "smtp_server smtp_ssl smtp_ssl_certificate_filename smtp_ssl_private_key_filename smtp_user syslog test_enable test_file "
    "test_tags transient_age_limit unaccent upgrade_path websocket_rate_limit_delay with_demo without_demo x_sendfile".split()
)


def main(path):
    parser = configparser.RawConfigParser()
    try:
        with open(path, encoding="utf-8") as file:
            parser.read_file(file)
        options = dict(parser.items("options"))
    except configparser.Error as error:
        # Its first line alone: the rest would show the file's, and with it the master password.
        fail([("odoo.conf", None, str(error).splitlines()[0].split(":")[0], "Mend it")])
        return
    numbers, problems = read_numbers(options)
    for name in sorted(set(options) - NUMBERS - OTHERS):
        problems.append((name, None, "Odoo knows no such option, and would go on without it", "Correct its name, or leave it out"))
    problems += isolation(options) + processes(options, numbers) + memory(numbers, os.environ.get("ODOO_MEMORY_LIMIT"))
    fail(problems)


def read_numbers(options):
    numbers, problems = {}, []
    for name in sorted(NUMBERS & set(options)):
        try:
            numbers[name] = int(options[name])
        except ValueError:
            problems.append((name, options[name], "it is no whole number", "Give one"))
    return numbers, problems


def isolation(options):
    """What keeps tenants from each other, and strangers from the list of databases."""
    problems = []
    value = options.get("dbfilter", "")
    if not (value.startswith("^") and value.endswith("$") and ("%d" in value or "%h" in value)):
        problems.append(("dbfilter", value, "a host would be shown other tenants' databases", "Give ^%d$"))
    if truth(options.get("list_db", "True")):
        problems.append(("list_db", options.get("list_db"), "anybody could see all databases, and manage them", "Give False"))
    if options.get("db_name"):
        problems.append(("db_name", options["db_name"], "hosts of other databases would be led to it", "Leave it out"))
    if options.get("admin_passwd", "admin") in ("", "admin"):
        # Never its value: it is a secret, even if it is a bad one.
        problems.append(("admin_passwd", None, "the master password is missing, or Odoo's own default", "Give the Secret odoo-admin one"))
    if not truth(options.get("proxy_mode", "False")):
        problems.append(("proxy_mode", options.get("proxy_mode"), "Odoo would take Traefik for every client, and http for the scheme", "Give True"))
    return problems


def processes(options, numbers):
    problems = []
    if numbers.get("workers", 0) < 1:
        problems.append(("workers", options.get("workers"), "nobody would answer on the port of websockets", "Give 1 or more"))
    if numbers.get("http_port", 8069) == numbers.get("gevent_port", 8072):
        problems.append(("gevent_port", options.get("gevent_port"), "it is http_port, too", "Give another one"))
    if numbers.get("limit_time_cpu", 60) > numbers.get("limit_time_real", 120):
        problems.append(("limit_time_cpu", options.get("limit_time_cpu"), "limit_time_real ends a request before", "Lower it, or raise limit_time_real"))
    return problems


def memory(numbers, limit):
    """Odoo's own defaults count, too: 2 and 2.5 GiB for each process."""
    problems = []
    soft = numbers.get("limit_memory_soft", 2 * 2**30)
    hard = numbers.get("limit_memory_hard", 2560 * 2**20)
    if soft > hard:
        problems.append(("limit_memory_soft", soft, f"it is above limit_memory_hard ({hard})", "Lower it"))
    # The process for websockets is one more.
    needed = hard * (numbers.get("workers", 0) + 1)
    if limit and needed > int(limit):
        problems.append(("limit_memory_hard", hard, f"all processes together could take {needed} bytes, and the container has {limit}", "Lower it, or workers"))
    return problems


def truth(text):
    return text.strip().lower() in ("true", "1", "yes", "on")


def fail(problems):
    for name, value, reason, remedy in problems:
        got = "" if value is None else f" got {value};"
        print(f"ODOO_CONF {name}:{got} {reason}. {remedy}.", file=sys.stderr)
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main(sys.argv[1])
