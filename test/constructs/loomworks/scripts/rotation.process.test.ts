import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { eventually } from "../../../cluster/eventually";
import { Balancer, Login, Replica } from "../../../support/odoo-replicas";
import { missingPostgres, postgresBinaries, PostgresServer, SCRIPTS } from "../../../support/postgres-server";
import { missingPsycopg } from "../../../support/python";
import { describeWith } from "../../../support/requires";

const LOGINS: readonly Login[] = ["first", "second", "third"].map((name) => ({
  user: `odoo_${name}`,
  password: `password-of-${name}`,
}));
const [FIRST, SECOND, THIRD] = LOGINS as [Login, Login, Login];

/** Before its password, in an installation of before logins. */
const SINGLE: Login = { user: "odoo", password: "password-of-the-owner" };

/** Milliseconds from the change of a Secret to that of its mounted files: the kubelet takes up to a minute. */
const MOUNT_DELAY = 1000;

jest.setTimeout(120_000);

describeWith(missingPostgres() ?? missingPsycopg(), "[LOOM-07] a rotation of Odoo's password", () => {
  let server: PostgresServer;
  let balancer: Balancer;
  let watch: ReturnType<typeof watchProcesses>;
  const accepts = (login: Login) => server.query("SELECT 1", login).status === 0;
  const ended = (login: Login) => eventually(() => !accepts(login), { what: `the end of ${login.user}` });
  const start = (login: Login) => Replica.start(server, login, "acme");
  const rotateTo = async ({ user, password }: Login) => {
    await sleep(MOUNT_DELAY);
    server.writeCredentials("postgres-credentials", user, password);
  };

  beforeAll(async () => {
    server = await PostgresServer.start(postgresBinaries()!);
    watch = watchProcesses();
    // As an installation of before stands there: one role, which owns everything.
    server.query(`CREATE ROLE odoo LOGIN CREATEDB PASSWORD '${SINGLE.password}'`);
    expect(server.query("CREATE DATABASE acme", SINGLE).status).toBe(0);
    const table = "CREATE TABLE visits (number bigserial, at timestamptz DEFAULT now())";
    expect(server.query(table, { ...SINGLE, database: "acme" }).status).toBe(0);
    server.writeCredentials("postgres-credentials", FIRST.user, FIRST.password);
    server.writeCredentials("postgres-backup-credentials", "backup", "copy");
    server.writeCredentials("postgres-exporter-credentials", "exporter", "watch");
    const script = `exec ${join(SCRIPTS, "keep-roles.sh")} >${server.path("metrics/keep-roles.log")} 2>&1`;
    server.run("bash", ["-c", script], { KEEP_ROLES_INTERVAL: "0.3", UNUSED_LOOKS: "8" });
    await eventually(() => accepts(FIRST), { what: "the first login" });
  });
  afterAll(async () => {
    balancer.end();
    clearInterval(watch.timer);
    await server.stop();
  });

  it("fails no request, twice in a row, from the single role of before on, and ends what was replaced", async () => {
    balancer = new Balancer([await start(SINGLE), await start(SINGLE)]);
    const loaded = balancer.load(3);
    // Nobody asks it for anything, and its rollout hangs: its login has to stay.
    const idle = await start(SINGLE);

    await balancer.roll(() => start(FIRST));
    await sleep(4000);
    expect(accepts(SINGLE)).toBe(true);
    await idle.stop();
    await ended(SINGLE);

    for (const [before, login] of [
      [FIRST, SECOND],
      [SECOND, THIRD],
    ] as const) {
      await Promise.all([rotateTo(login), balancer.roll(() => start(login))]);
      await ended(before);
    }
    await balancer.stop();
    await loaded;

    expect(balancer.answers.filter(({ status }) => status !== 200)).toEqual([]);
    expect(new Set(balancer.answers.map(({ body }) => body.login))).toEqual(
      new Set([SINGLE, ...LOGINS].map(({ user }) => user)),
    );
    expect(new Set(balancer.answers.map(({ body }) => `${body.owner} ${body.listed}`))).toEqual(new Set(["odoo 1"]));
    // Each login served for a while, so that nothing of this came about by luck.
    for (const { user } of [SINGLE, ...LOGINS]) {
      expect(balancer.answers.filter(({ body }) => body.login === user).length).toBeGreaterThan(10);
    }

    const passwords = [SINGLE, ...LOGINS].map(({ password }) => password);
    const logs = ["metrics/keep-roles.log", "server.log"].map((name) => readFileSync(server.path(name), "utf8"));
    expect(logs[0]).toContain('{"event":"login-ended","login":"odoo_first"');
    for (const text of [...logs, [...watch.seen].join("\n")]) {
      for (const password of passwords) expect(text).not.toContain(password);
    }
    expect([...watch.seen].join("\n")).toContain("keep-roles.sh");
  });

  it("leaves everything with the owner, for whom nobody has a password", () => {
    const roles = "SELECT rolname, rolcanlogin, rolpassword IS NOT NULL FROM pg_authid WHERE rolname LIKE 'odoo%'";
    expect(server.query(`${roles} ORDER BY 1`).stdout.split("\n")).toEqual(["odoo|t|f", "odoo_third|t|t"]);
    const database = { ...THIRD, database: "acme" };
    expect(server.query("DISCARD ALL", database).status).toBe(0);
    expect(server.query("CREATE TABLE later ()", database).status).toBe(0);
    const owners = "SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'";
    expect(server.query(owners, database).stdout).toBe("odoo");
    expect(server.query("CREATE DATABASE copy TEMPLATE acme", THIRD).status).toBe(0);
  });

  it("lets Odoo end the sessions of other logins, as before a database is dropped", () => {
    const signal = "SELECT pg_has_role(current_user, 'pg_signal_backend', 'USAGE')";
    expect(server.query(signal, THIRD).stdout).toBe("t");
  });

  it("ends no login while the new one is nobody's yet", async () => {
    const next = { user: "odoo_fourth", password: "password-of-fourth" };
    server.writeCredentials("postgres-credentials", next.user, next.password);
    await eventually(() => accepts(next), { what: "the next login" });
    await sleep(4000);
    expect(accepts(THIRD)).toBe(true);
  });

  describe("[LOOM-12] over the network, PostgreSQL", () => {
    const connect = (more: Record<string, string>) => {
      const env = { ...server.connectionOf(THIRD.user, THIRD.password), ...more };
      return server.runToEnd("psql", ["--no-psqlrc", "--dbname=postgres", "--command=\\conninfo"], env);
    };

    it("speaks TLS alone, 1.2 or newer", () => {
      expect(connect({}).stdout).toMatch(/protocol: TLSv1\.[23]/);
      expect(connect({ PGSSLMODE: "disable" }).stderr).toMatch(/no pg_hba.conf entry .* no encryption/);
      expect(connect({ PGSSLMAXPROTOCOLVERSION: "TLSv1.1", PGSSLMINPROTOCOLVERSION: "TLSv1" }).status).not.toBe(0);
      expect(connect(server.connectionOf("backup", "copy")).stderr).toContain("no pg_hba.conf entry");
    });

    it("is known by its certificate: clients refuse another authority's, and one for another name", () => {
      expect(connect({ PGSSLROOTCERT: server.tls.stranger() }).stderr).toContain("certificate verify failed");
      expect(connect({ PGHOST: "localhost.localdomain", PGHOSTADDR: "127.0.0.1" }).stderr).toContain(
        "does not match host name",
      );
    });

    it("shows a renewed certificate without a restart, and clients with either certificate of the authority take it", async () => {
      const started = server.query("SELECT pg_postmaster_start_time()").stdout;
      const before = readFileSync(server.path("tls/ca.crt"), "utf8");
      const loads = () =>
        readFileSync(server.path("metrics/keep-roles.log"), "utf8").split("certificate-loaded").length - 1;
      const counted = loads();
      server.tls.renewAuthority();
      server.tls.issue();
      await eventually(() => loads() > counted, { what: "the renewed certificate" });
      expect(readFileSync(server.path("tls/ca.crt"), "utf8")).not.toBe(before);
      await eventually(() => shownSerial(server) === serialOf(server), { what: "the renewed certificate in use" });
      expect(connect({})).toMatchObject({ status: 0 });
      expect(connect({ PGSSLROOTCERT: fileWith(server, before) })).toMatchObject({ status: 0 });
      expect(server.query("SELECT pg_postmaster_start_time()").stdout).toBe(started);
    });
  });
});

/** Command lines of all processes, as `ps` would show them, from now on. */
function watchProcesses() {
  const seen = new Set<string>();
  const look = () => {
    for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
      try {
        seen.add(readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " "));
      } catch {
        // It has ended.
      }
    }
  };
  return { seen, timer: setInterval(look, 100) };
}

function shownSerial(server: PostgresServer): string {
  const script = `openssl s_client -starttls postgres -connect localhost:${server.port} </dev/null 2>/dev/null | openssl x509 -noout -serial`;
  return server.runToEnd("bash", ["-c", script]).stdout;
}

function serialOf(server: PostgresServer): string {
  return server.runToEnd("openssl", ["x509", "-noout", "-serial", "-in", server.path("tls/tls.crt")]).stdout;
}

function fileWith(server: PostgresServer, text: string): string {
  const file = server.path("metrics/ca-of-before.crt");
  writeFileSync(file, text);
  return file;
}
