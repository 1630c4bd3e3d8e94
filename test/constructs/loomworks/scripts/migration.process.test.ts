import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { eventually } from "../../../cluster/eventually";
import { ended, OdooJobs } from "../../../support/odoo-jobs";
import { killSilently, missingPostgres, postgresBinaries, PostgresServer } from "../../../support/postgres-server";
import { missingPsycopg } from "../../../support/python";
import { describeWith } from "../../../support/requires";

const binaries = postgresBinaries();
const missing = missingPostgres() ?? missingPsycopg();

jest.setTimeout(120_000);

const OLD = "odoo:19.0-20251201";
const NEW = "odoo:19.0-20260118";

describeWith(missing, "[LOOM-04] the migration before a rollout", () => {
  let server: PostgresServer;
  let jobs: OdooJobs;

  beforeAll(async () => {
    server = await PostgresServer.start(binaries!);
    jobs = await OdooJobs.on(server);
  });
  afterAll(() => server.stop());
  beforeEach(() => jobs.clear());

  const release = (database: string) =>
    jobs.query(database, "SELECT value FROM ir_config_parameter WHERE key = 'loomworks.release'");
  const released = () => jobs.query("postgres", "SELECT string_agg(release, ',') FROM loomworks.odoo_releases");
  const updates = () => jobs.calls().filter((call) => call.includes("--update"));
  const step = (mode: "plan" | "run", pod: string, env: Record<string, string> = {}) =>
    jobs.script("migrate-databases.sh", [mode], { RELEASE: NEW, WORK: pod, ...env });
  const backup = (pod: string) =>
    jobs.script("backup-before-migration.sh", [], {
      ...server.connectionOf("backup", "copy"),
      WORK: pod,
      MAX_AGE_SECONDS: "3600",
      KEEP_COUNT: "5",
      KEEP_DAYS: "1",
    });
  /** A pod whose backup is taken for done. */
  const backedUp = () => {
    const pod = jobs.pod();
    writeFileSync(join(pod, "backup"), "there");
    return pod;
  };

  it("does nothing where there is no database, takes no backup for it, and lets the pods start", () => {
    const pod = jobs.pod();
    expect(step("plan", pod).status).toBe(0);
    expect(backup(pod).stdout).toContain("no database is to be migrated");
    expect(step("run", pod)).toMatchObject({ status: 0 });
    expect(released()).toBe(NEW);
  });

  it("takes a verified backup first, and touches no database without one", () => {
    jobs.createDatabase("acme", OLD);
    const pod = jobs.pod();
    expect(step("plan", pod).stdout).toContain('"databases":1');
    expect(step("run", pod)).toMatchObject({
      status: 1,
      stdout: expect.stringContaining("there is no backup of before"),
    });
    expect(updates()).toEqual([]);

    expect(backup(pod)).toMatchObject({ status: 0, stdout: expect.stringContaining('"event":"verified"') });
    expect(step("run", pod)).toMatchObject({ status: 0 });
    expect([release("acme"), released()]).toEqual([NEW, NEW]);

    jobs.createDatabase("beta", OLD);
    const later = jobs.pod();
    step("plan", later);
    const { status, stdout } = backup(later);
    expect([status, stdout.includes('"event":"verified"')]).toEqual([0, false]);
    expect(readFileSync(join(later, "backup"), "utf8")).toBe(readFileSync(join(pod, "backup"), "utf8"));
  });

  it("updates everything that depends on base, and leaves alone what is up to date or not Odoo's", () => {
    jobs.createDatabase("acme", OLD);
    jobs.createDatabase("beta", NEW);
    jobs.query("postgres", `CREATE DATABASE "dbname=x' ""; \\"`);
    expect(step("run", backedUp()).status).toBe(0);
    expect(updates()).toHaveLength(1);
    expect(updates()[0]).toMatch(/--database acme --update base --stop-after-init --no-http/);
    expect(step("run", jobs.pod()).status).toBe(0);
    expect(updates()).toHaveLength(1);
  });

  it("holds the new pods back until it has ended well", async () => {
    jobs.createDatabase("acme", OLD);
    const pod = jobs.start("await-release.sh", [], { RELEASE: NEW, WORK: jobs.pod(), AWAIT_INTERVAL: "0.1" });
    expect(step("run", backedUp(), { FAIL_AT: "acme" }).status).toBe(1);
    expect(pod.exitCode).toBeNull();
    expect(step("run", backedUp()).status).toBe(0);
    expect(await ended(pod)).toBe(0);
  });

  it.each(["await-release.sh", "await-database.sh"])(
    "leaves a pod that still waits free to end: %s",
    async (script) => {
      const env = { RELEASE: "odoo:never", WORK: jobs.pod(), AWAIT_INTERVAL: "0.1", PGPORT: "1" };
      const waiting = jobs.start(script, [], env);
      const handles = () => /^SigCgt:\s+\w*[4-7c-f]\w{3}$/m.exec(readFileSync(`/proc/${waiting.pid}/status`, "utf8"));
      await eventually(() => handles() !== null, {
        what: "a handler of SIGTERM, without which the first process ignores it",
      });
      waiting.kill("SIGTERM");
      expect(await ended(waiting)).toBe(143);
    },
  );

  it("stops at the first database that fails, names it, and goes on there", () => {
    for (const name of ["acme", "beta", "gamma"]) jobs.createDatabase(name, OLD);
    const { status, stdout } = step("run", backedUp(), { FAIL_AT: "beta" });
    expect([status, stdout.includes('"event":"migration-failed","database":"beta"')]).toEqual([1, true]);
    expect(["acme", "beta", "gamma"].map(release)).toEqual([NEW, OLD, OLD]);
    expect(released()).toBe("");
    expect(step("run", backedUp()).status).toBe(0);
    expect(["acme", "beta", "gamma"].map(release)).toEqual([NEW, NEW, NEW]);
    expect(updates().filter((call) => call.includes("acme"))).toHaveLength(1);
  });

  it("lets no copy stop the tenants", () => {
    jobs.createDatabase("a-copy", OLD);
    jobs.query(
      "postgres",
      `COMMENT ON DATABASE "a-copy" IS '{"loomworks":"copy","of":"acme","expiresAt":"2030-01-01T00:00:00Z"}'`,
    );
    jobs.createDatabase("acme", OLD);
    expect(step("run", backedUp(), { FAIL_AT: "a-copy" })).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('"event":"copy-skipped","database":"a-copy"'),
    });
    expect([release("acme"), release("a-copy")]).toEqual([NEW, OLD]);
  });

  it("refuses another major version, for good, before it touches anything", () => {
    jobs.createDatabase("acme", OLD);
    const { status, stdout } = step("run", backedUp(), { ODOO_VERSION: "20.0-20261001" });
    expect(status).toBe(2);
    expect(stdout).toContain('"database":"acme","from":"19.0","to":"20.0"');
    expect(updates()).toEqual([]);
  });

  it("lets a second run wait, which then finds nothing to do", async () => {
    jobs.createDatabase("acme", OLD);
    const first = jobs.start("migrate-databases.sh", ["run"], { RELEASE: NEW, WORK: backedUp(), SLOW: "3" });
    await eventually(() => updates().length === 1, { what: "the update" });
    expect(step("run", backedUp(), { LOCK_SECONDS: "1" }).status).toBe(75);
    expect(step("run", backedUp()).status).toBe(0);
    expect(await ended(first)).toBe(0);
    expect(updates()).toHaveLength(1);
  });

  it("goes on after a run that was killed in the middle, whose lock goes with it", async () => {
    jobs.createDatabase("acme", OLD);
    const first = jobs.start("migrate-databases.sh", ["run"], { RELEASE: NEW, WORK: backedUp(), SLOW: "60" });
    await eventually(
      () => jobs.query("acme", "SELECT count(*) FROM ir_module_module WHERE state = 'to upgrade'") === "2",
      { what: "the update's middle" },
    );
    killSilently(-first.pid!);
    await ended(first);
    expect(step("run", backedUp(), { LOCK_SECONDS: "15" }).status).toBe(0);
    expect([release("acme"), released()]).toEqual([NEW, NEW]);
  });

  it("ends the update when it loses the lock", async () => {
    jobs.createDatabase("acme", OLD);
    const first = jobs.start("migrate-databases.sh", ["run"], { RELEASE: NEW, WORK: backedUp(), SLOW: "60" });
    await eventually(() => updates().length === 1, { what: "the update" });
    server.query("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'");
    expect(await ended(first)).toBe(1);
    expect(release("acme")).toBe(OLD);
  });

  it("makes the first database, which nobody gets into by Odoo's own password", () => {
    expect(step("run", jobs.pod(), { FIRST_DATABASE: "acme" }).status).toBe(0);
    expect(jobs.query("acme", "SELECT count(password) FROM res_users")).toBe("0");
    expect([release("acme"), jobs.databases()]).toEqual([NEW, ["acme"]]);
    expect(step("run", jobs.pod(), { FIRST_DATABASE: "acme" }).status).toBe(0);
    expect(step("run", jobs.pod(), { FIRST_DATABASE: 'x"; DROP' }).status).toBe(2);
  });
});
