import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { eventually } from "../../../cluster/eventually";
import { ended, OdooJobs } from "../../../support/odoo-jobs";
import { killSilently, missingPostgres, postgresBinaries, PostgresServer } from "../../../support/postgres-server";
import { missingPsycopg } from "../../../support/python";
import { describeWith } from "../../../support/requires";

const binaries = postgresBinaries();
const missing = missingPostgres() ?? missingPsycopg();

jest.setTimeout(120_000);

const EXPIRES = new Date(Date.now() + 3 * 86_400_000).toISOString().replace(/\.\d+/, "");
const ATTACHMENT = "ab/ab0123";

describeWith(missing, "[LOOM-15] neutralised copies of a tenant's database", () => {
  let server: PostgresServer;
  let jobs: OdooJobs;

  beforeAll(async () => {
    server = await PostgresServer.start(binaries!);
    jobs = await OdooJobs.on(server);
  });
  afterAll(() => server.stop());
  beforeEach(() => {
    if (jobs.databases().join() === "acme") return;
    jobs.clear();
    jobs.createDatabase("acme");
    mkdirSync(files("acme", "ab"), { recursive: true });
    writeFileSync(files("acme", ATTACHMENT), "an invoice");
  });

  const files = (...names: string[]) => server.path("filestore", ...names);
  const environment = (pod: string, more: Record<string, string>) => ({
    ACTION: "create",
    SOURCE: "acme",
    COPY: "acme-test",
    EXPIRES_AT: EXPIRES,
    MAX_COPIES: "2",
    MAX_DAYS: "7",
    DATA_VOLUME_BYTES: String(2 ** 40),
    DOMAIN: "loomworks.app",
    WORK: pod,
    TERMINATION_LOG: join(pod, "termination"),
    ...more,
  });
  const run = (more: Record<string, string> = {}, pod = jobs.pod()) => {
    const env = environment(pod, more);
    if (env.ACTION === "create") jobs.script("copy-database.sh", ["neutralization"], env);
    return finish(pod, env);
  };
  const finish = (pod: string, env: Record<string, string>) => {
    const { status, stderr } = jobs.script("copy-database.sh", [], env);
    const said = join(pod, "termination");
    return { status, stderr, ...(existsSync(said) ? JSON.parse(readFileSync(said, "utf8")) : {}) };
  };
  const ask = (sql: string, database = "acme-test") => jobs.query(database, sql);
  const NEUTRAL = `SELECT (SELECT bool_or(active) FROM ir_cron) OR (SELECT bool_or(active) FROM ir_mail_server WHERE name = 'real')`;

  it("have the tenant's data and files, send and run nothing, and are somebody else", () => {
    expect(run()).toMatchObject({
      status: 0,
      result: "created",
      copy: "acme-test",
      source: "acme",
      expiresAt: EXPIRES,
    });
    expect(ask(NEUTRAL)).toBe("f");
    expect(ask("SELECT value FROM ir_config_parameter WHERE key = 'web.base.url'")).toBe(
      "https://acme-test.loomworks.app",
    );
    const identity =
      "SELECT string_agg(value, ',') FROM ir_config_parameter WHERE key IN ('database.uuid', 'database.secret')";
    expect(ask(identity)).not.toBe(ask(identity, "acme"));
    expect(readFileSync(files("acme-test", ATTACHMENT), "utf8")).toBe("an invoice");
    expect(ask(NEUTRAL, "acme")).toBe("t");
    expect(jobs.databases()).toEqual(["acme", "acme-test"]);
  });

  it("are as they were at one moment, however busy the tenant is", async () => {
    ask("CREATE TABLE ledger (number serial)", "acme");
    const writer = server.run("bash", ["-c", "while psql -qd acme -c 'INSERT INTO ledger DEFAULT VALUES'; do :; done"]);
    await eventually(() => Number(ask("SELECT count(*) FROM ledger", "acme")) > 5, { what: "rows of the writer" });
    expect(run()).toMatchObject({ status: 0 });
    killSilently(-writer.pid!);
    expect(ask("SELECT count(*) > 5 AND count(*) = max(number) FROM ledger")).toBe("t");
  });

  it("are never there without being neutral, and a killed run can be repeated", async () => {
    ask("CREATE TABLE weight AS SELECT md5(n::text) FROM generate_series(1, 300000) AS n", "acme");
    for (const milliseconds of [300, 700, 1200, 1800, 2600]) {
      const pod = jobs.pod();
      const env = environment(pod, {});
      jobs.script("copy-database.sh", ["neutralization"], env);
      const child = jobs.start("copy-database.sh", [], env);
      const end = Date.now() + milliseconds;
      while (Date.now() < end && child.exitCode === null) {
        for (const name of jobs.databases().filter((it) => it.startsWith("acme-test"))) {
          // While it gets its name it lets nobody in, and then there is none of the one before.
          if (ask("SELECT to_regclass('ir_mail_server')", name) === "ir_mail_server")
            expect(ask(NEUTRAL, name)).toMatch(/^f$|not currently accepting connections|does not exist/);
        }
        await sleep(20);
      }
      killSilently(-child.pid!);
      await ended(child);
    }
    expect(run()).toMatchObject({ status: 0 });
    expect(ask("SELECT count(*) FROM weight")).toBe("300000");
    expect(jobs.databases()).toEqual(["acme", "acme-test"]);
    expect(existsSync(files("acme-test.copying"))).toBe(false);
  });

  it("aren't made of half a dump", () => {
    const programs = server.createFolder("cut-off");
    writeFileSync(join(programs, "pg_dump"), `#!/bin/bash\n${binaries}/pg_dump "$@" | head -c 3000\nexit 1\n`, {
      mode: 0o755,
    });
    const pod = jobs.pod();
    const env = environment(pod, {});
    jobs.script("copy-database.sh", ["neutralization"], env);
    const path = [programs, binaries, process.env.PATH].join(":");
    expect(finish(pod, { ...env, PATH: path })).toMatchObject({ status: 1, result: "failed", code: "COPY_FAILED" });
    expect(jobs.databases()).not.toContain("acme-test");
    expect(run()).toMatchObject({ status: 0 });
  });

  it("aren't made by a neutralisation that doesn't know of all modules, or by none", () => {
    const pod = jobs.pod();
    const env = environment(pod, {});
    jobs.script("copy-database.sh", ["neutralization"], env);
    ask("INSERT INTO ir_module_module VALUES ('payment_stripe', 'installed', '19.0.1')", "acme");
    expect(finish(pod, env)).toMatchObject({
      result: "failed",
      stderr: expect.stringContaining("modules were installed"),
    });
    jobs.script("copy-database.sh", ["neutralization"], env);
    writeFileSync(join(pod, "neutralization.sql"), "");
    expect(finish(pod, env)).toMatchObject({
      result: "failed",
      stderr: expect.stringContaining("has not neutralised"),
    });
    expect(jobs.databases()).not.toContain("acme-test");
  });

  it("get another end when they are asked for again", () => {
    run();
    const later = EXPIRES.replace(/\d\dZ$/, "59Z");
    expect(run({ EXPIRES_AT: later })).toMatchObject({ status: 0, result: "exists", expiresAt: later });
  });

  it.each([
    ["COPY_NAME", { COPY: 'x"; DROP DATABASE acme; --' }],
    ["COPY_NAME", { COPY: "../acme" }],
    ["COPY_NAME", { COPY: "$(touch /tmp/x)" }],
    ["COPY_NAME", { COPY: "acme" }],
    ["COPY_NAME", { COPY: "postgres" }],
    ["COPY_NAME", { COPY: "Acme" }],
    ["COPY_NAME", { COPY: "" }],
    ["COPY_NAME", { COPY: "a\nb" }],
    ["COPY_NAME", { SOURCE: "acme,beta" }],
    ["COPY_NAME", { SOURCE: "dbname=acme host=elsewhere" }],
    ["COPY_EXPIRY", { EXPIRES_AT: "2020-01-01T00:00:00Z" }],
    ["COPY_EXPIRY", { EXPIRES_AT: "2099-01-01T00:00:00Z" }],
    ["COPY_EXPIRY", { EXPIRES_AT: "tomorrow" }],
    ["COPY_EXPIRY", { EXPIRES_AT: "2026-13-01T00:00:00Z" }],
    ["COPY_SOURCE_MISSING", { SOURCE: "nobody" }],
    ["COPY_NO_SPACE", { DATA_VOLUME_BYTES: "20000000" }],
    ["COPY_TOO_MANY", { MAX_COPIES: "0" }],
  ])("refuse with %s: %j", (code, more) => {
    const pod = jobs.pod();
    expect(finish(pod, environment(pod, more))).toMatchObject({ status: 2, result: "refused", code });
    expect(jobs.databases()).toEqual(["acme"]);
  });

  it("take nobody's name or files, and aren't copied themselves", () => {
    jobs.createDatabase("beta");
    expect(run({ COPY: "beta" })).toMatchObject({ status: 2, code: "COPY_NAME_TAKEN" });
    mkdirSync(files("gone"));
    expect(run({ COPY: "gone" })).toMatchObject({ status: 2, code: "COPY_FILES_IN_THE_WAY" });
    run();
    expect(run({ SOURCE: "acme-test", COPY: "third" })).toMatchObject({ status: 2, code: "COPY_SOURCE_IS_COPY" });
    run({ COPY: "second" });
    expect(run({ COPY: "third" })).toMatchObject({ status: 2, code: "COPY_TOO_MANY" });
  });

  it("wait for a migration, and say so", () => {
    const holder = server.run("psql", ["-c", "SELECT pg_advisory_lock(8069, 1)", "-c", "SELECT pg_sleep(60)"]);
    return eventually(() => server.query("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'").stdout === "1", {
      what: "the lock",
    })
      .then(() => expect(run({ LOCK_SECONDS: "1" })).toMatchObject({ status: 75, result: "busy", code: "COPY_BUSY" }))
      .finally(() => {
        killSilently(-holder.pid!);
        server.query("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'");
      });
  });

  describe("their removal", () => {
    it("takes database and files, while somebody is logged in, and may be repeated", async () => {
      run();
      // By the login of before a rotation, whose sessions show this one nothing.
      server.query("CREATE ROLE odoo_second LOGIN PASSWORD 'second' IN ROLE odoo");
      const session = ["-d", "acme-test", "-c", "SELECT pg_sleep(60)"];
      const visitor = server.run("psql", session, server.connectionOf("odoo_second", "second"));
      await eventually(
        () => server.query("SELECT count(*) FROM pg_stat_activity WHERE usename = 'odoo_second'").stdout === "1",
        { what: "the visitor's session" },
      );
      expect(run({ ACTION: "remove" })).toMatchObject({ status: 0, result: "removed" });
      expect([jobs.databases(), existsSync(files("acme-test"))]).toEqual([["acme"], false]);
      expect(run({ ACTION: "remove" })).toMatchObject({ status: 0, result: "absent" });
      expect(await ended(visitor)).not.toBe(0);
    });

    it("refuses what is no copy, and touches no tenant's files", () => {
      expect(run({ ACTION: "remove", COPY: "acme" })).toMatchObject({ status: 2, code: "COPY_NOT_A_COPY" });
      ask('CREATE DATABASE "acme.copying"', "postgres");
      expect(run({ ACTION: "sweep" })).toMatchObject({ result: "swept", removed: 1 });
      expect([jobs.databases(), existsSync(files("acme", ATTACHMENT))]).toEqual([["acme"], true]);
    });

    it("comes by itself when they have expired, and not before", () => {
      run();
      const at = (moment: number) => ({ ACTION: "sweep", NOW: new Date(Date.parse(EXPIRES) + moment).toISOString() });
      expect(run(at(-1000))).toMatchObject({ status: 0, removed: 0 });
      expect(run(at(1000))).toMatchObject({ status: 0, removed: 1 });
      expect([jobs.databases(), existsSync(files("acme-test"))]).toEqual([["acme"], false]);
    });
  });
});
