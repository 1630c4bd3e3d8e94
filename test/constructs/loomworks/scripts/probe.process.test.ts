import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { eventually } from "../../../cluster/eventually";
import { synthesizeLoomworks } from "../../../support/loomworks";
import {
  PostgresServer,
  missingPostgres,
  postgresBinaries,
  SCRIPTS,
  TEST_MAX_CONNECTIONS,
} from "../../../support/postgres-server";
import { describeWith } from "../../../support/requires";

const binaries = postgresBinaries();
const missing = missingPostgres();

/** Seconds that a probe waits here, where nothing else loads the server. */
const PATIENCE = "2";

const odoo = { user: "odoo", password: "first" };

jest.setTimeout(120_000);

describeWith(missing, "[LOOM-02] the probe of PostgreSQL", () => {
  let server: PostgresServer;
  const releases: (() => void)[] = [];

  beforeAll(async () => {
    server = await PostgresServer.start(binaries!);
    server.query("CREATE ROLE odoo LOGIN PASSWORD 'first'");
  });
  afterEach(async () => {
    for (const release of releases.splice(0).reverse()) release();
    if (!server.isRunning()) await server.boot();
    await eventually(() => probe().word === "ready", { what: "a server that is well again" });
  });
  afterAll(() => server.stop());

  /** The word, and what liveness and readiness make of it. */
  const probe = (env: Record<string, string> = {}) => {
    const [alive, ready] = ["alive", "ready"].map((what) =>
      server.script("probe.sh", [what], { PROBE_SECONDS: PATIENCE, ...env }),
    );
    if (alive!.stdout !== ready!.stdout) return { word: `${alive!.stdout}, then ${ready!.stdout}` };
    return { word: alive!.stdout.trim(), alive: alive!.status === 0, ready: ready!.status === 0 };
  };
  const becomes = (word: string) => eventually(() => probe().word === word, { what: `the word "${word}"` });
  const stop = async (signal: NodeJS.Signals = "SIGINT") => {
    server.signal(signal);
    await eventually(() => !server.isRunning(), { what: "the end of the server" });
  };
  /** Stops a process until the end of the test. */
  const freeze = (pid: number) => {
    process.kill(pid, "SIGSTOP");
    releases.push(() => process.kill(pid, "SIGCONT"));
  };
  /** Ends backends as the server would itself. */
  const end = (title: string) => server.runToEnd("kill", ["-TERM", ...server.processes(title).map(String)]);
  /** Leaves something running until the end of the test. */
  const meanwhile = (sql: string, role: Record<string, string> = {}) => {
    const child = server.run("psql", ["-XqAt", "-d", "postgres", "-c", sql], role);
    releases.push(() => {
      child.kill("SIGKILL");
      end("[local]");
    });
  };
  /**
   * Until nobody else gets in. One that came while the question held the last place was refused and is gone, and so is a place
   * that somebody gave back late: another takes it.
   */
  const fill = (sql: string) =>
    eventually(
      () => {
        const asked = server.runToEnd("psql", ["-XqAt", "-d", "postgres", "-c", "SELECT 1"], {
          PGCONNECT_TIMEOUT: "2",
        });
        if (asked.stderr.includes("too many clients")) return true;
        meanwhile(sql);
        return false;
      },
      { what: "a full server" },
    );
  /** Nobody gets past the set-up of a connection, though the postmaster goes on accepting them. */
  const letNobodyIn = async () => {
    meanwhile("BEGIN; LOCK TABLE pg_db_role_setting IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep(600)");
    await becomes("hung");
  };

  it("calls a server ready that takes reads and writes", () => {
    expect(probe()).toEqual({ word: "ready", alive: true, ready: true });
  });

  describe("tells a server that recovers from one that hangs:", () => {
    it("after a crash under load, however long it takes", async () => {
      server.query("CREATE TABLE IF NOT EXISTS load AS SELECT n, repeat('x', 500) FROM generate_series(1, 100000) n");
      meanwhile("UPDATE load SET n = n + 1");
      await sleep(500);
      await server.kill();
      server.launch();
      await eventually(() => server.runToEnd("pg_controldata", []).stdout.includes("in crash recovery"), {
        what: "the recovery",
        intervalMs: 1,
      });
      const [startup] = server.processes("startup");
      freeze(startup!);
      // As long as nothing at all would take the kubelet to restart it: six probes.
      for (let turn = 0; turn < 6; turn++) expect(probe()).toEqual({ word: "recovering", alive: true, ready: false });
    });

    it("from an archive that is slow", async () => {
      await stop();
      writeFileSync(server.path("data/recovery.signal"), "");
      server.launch({ restore_command: `sleep 5; exit 1` });
      await becomes("recovering");
      expect(probe()).toEqual({ word: "recovering", alive: true, ready: false });
      await stop();
      rmSync(server.path("data/recovery.signal"));
    });

    it("to a point at which it waits, taking reads: nobody may write there", async () => {
      await stop();
      writeFileSync(server.path("data/standby.signal"), "");
      server.launch();
      await becomes("read-only");
      expect(probe()).toEqual({ word: "read-only", alive: true, ready: false });
      expect(server.query("CREATE TABLE refused (n int)").stderr).toContain("read-only transaction");
      await stop();
      rmSync(server.path("data/standby.signal"));
    });

    it("after one of its processes has crashed", async () => {
      // It waits for all others to end before it recovers: a stopped one gets five seconds.
      const [writer] = server.processes("walwriter");
      process.kill(writer!, "SIGSTOP");
      const [launcher] = server.processes("autovacuum launcher");
      process.kill(launcher!, "SIGKILL");
      await becomes("recovering");
      expect(probe()).toMatchObject({ alive: true, ready: false });
    });
  });

  describe("tells a busy server from one that hangs:", () => {
    it("all connections are taken but those kept for the superuser", async () => {
      releases.push(server.takeConnections(TEST_MAX_CONNECTIONS, odoo));
      await becomes("busy");
      expect(server.query("SELECT 1", odoo).stderr).toContain("remaining connection slots are reserved");
      expect(probe()).toEqual({ word: "busy", alive: true, ready: true });
    });

    it("those of the superuser are taken, too", async () => {
      for (let held = 0; held < TEST_MAX_CONNECTIONS; held++) meanwhile("SELECT pg_sleep(600)");
      await fill("SELECT pg_sleep(600)");
      expect(probe()).toEqual({ word: "busy", alive: true, ready: true });
    });

    it("not where the connections are full of those that nobody answered", async () => {
      await letNobodyIn();
      for (let stuck = 0; stuck < TEST_MAX_CONNECTIONS; stuck++) meanwhile("SELECT 1");
      await fill("SELECT 1");
      expect(probe()).toEqual({ word: "hung", alive: false, ready: false });
    });
  });

  describe("finds a server that hangs:", () => {
    it("its first process stands still", () => {
      server.signal("SIGSTOP");
      releases.push(() => server.signal("SIGCONT"));
      expect(probe()).toEqual({ word: "hung", alive: false, ready: false });
    });

    it("it accepts connections, and answers nobody", async () => {
      await letNobodyIn();
      // What PostgreSQL's own tool takes for well.
      expect(server.runToEnd("pg_isready", ["-h", "127.0.0.1", "-t", PATIENCE])).toMatchObject({ status: 0 });
      expect(probe()).toEqual({ word: "hung", alive: false, ready: false });
    });

    it("and says so before the kubelet would cut it off", () => {
      server.signal("SIGSTOP");
      releases.push(() => server.signal("SIGCONT"));
      const { containers } = synthesizeLoomworks().find("StatefulSet", "postgres").spec.template.spec;
      const container = containers.find(({ name }: any) => name === "postgres");
      const kinds = [container.startupProbe, container.livenessProbe, container.readinessProbe];
      const limits = kinds.map(({ timeoutSeconds }) => String(timeoutSeconds));
      for (const limit of new Set(limits)) {
        const args = ["--signal=KILL", limit, "bash", "-c", '"$0" alive', join(SCRIPTS, "probe.sh")];
        expect(server.runToEnd("timeout", args)).toMatchObject({ status: 1, stdout: "hung\n" });
      }
    });
  });

  describe("leaves a server alone", () => {
    it("of which single processes stand still: others are answered", () => {
      freeze(server.processes("checkpointer")[0]!);
      expect(probe()).toEqual({ word: "ready", alive: true, ready: true });
    });

    it("that answers by an error, and shows it", () => {
      const allow = (yes: boolean) =>
        server.runToEnd("psql", ["-Xq", "-d", "template1", "-c", `ALTER DATABASE postgres ALLOW_CONNECTIONS ${yes}`]);
      allow(false);
      releases.push(() => allow(true));
      const word = 'failing: database "postgres" is not currently accepting connections';
      expect(probe()).toEqual({ word, alive: true, ready: false });
    });

    it("that the image sets up, and lets nobody in yet", async () => {
      await stop();
      server.launch({ listen_addresses: "" });
      await becomes("initializing");
      expect(probe()).toEqual({ word: "initializing", alive: true, ready: false });
      await stop();
    });
  });

  it("waits for one that was told to end as long as for the end of a pod, and no longer", async () => {
    meanwhile("SELECT pg_sleep(600)");
    await eventually(
      () => server.query("SELECT count(*) FROM pg_stat_activity WHERE query ~ '^SELECT pg_sleep'").stdout === "1",
      { what: "a client" },
    );
    server.signal("SIGTERM");
    await becomes("stopping");
    expect(probe()).toEqual({ word: "stopping", alive: false, ready: false });
    await stop();
  });

  it("calls a server down where none listens", async () => {
    await stop();
    expect(probe()).toEqual({ word: "down", alive: false, ready: false });
    rmSync(server.path("socket"), { recursive: true });
    server.createFolder("socket");
    expect(probe()).toEqual({ word: "down", alive: false, ready: false });
  });

  it("refuses to be asked for something else", () => {
    expect(server.script("probe.sh", ["well"])).toMatchObject({ status: 64 });
  });
});
