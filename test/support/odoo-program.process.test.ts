import { eventually } from "../cluster/eventually";
import { freePorts } from "../cluster/probe";
import { ended, ODOO_PROGRAM, OdooJobs } from "./odoo-jobs";
import { missingPostgres, postgresBinaries, PostgresServer } from "./postgres-server";
import { missingPsycopg } from "./python";
import { describeWith } from "./requires";

interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

describeWith(missingPostgres() ?? missingPsycopg(), "the stand-in for Odoo's program, serving", () => {
  let server: PostgresServer;
  let jobs: OdooJobs;
  let ports: { readonly http: number; readonly websocket: number };

  beforeAll(async () => {
    server = await PostgresServer.start(postgresBinaries()!);
    jobs = await OdooJobs.on(server);
    for (const name of ["acme", "beta"]) jobs.createDatabase(name);
  }, 60_000);
  afterAll(() => server.stop());

  const serve = async (...more: string[]) => {
    const [http = 0, websocket = 0] = await freePorts(2);
    ports = { http, websocket };
    const where = ["--http-port", String(http), "--gevent-port", String(websocket), "--data-dir", server.path()];
    const env = server.connectionOf("odoo_first", "first");
    return server.run(ODOO_PROGRAM, [...where, ...more], env);
  };
  const ask = async (path: string, options: { method?: string; port?: number } = {}): Promise<Answer> => {
    const { method = "GET", port = ports.http } = options;
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { method });
    return { status: response.status, body: (await response.json()) as Answer["body"] };
  };
  const isUp = () => eventually(async () => (await ask("/web/health")).status === 200, { what: "an answer of it" });
  const childrenOf = (pid: number) => {
    const { stdout } = server.runToEnd("ps", ["--no-headers", "-o", "pid", "--ppid", String(pid)]);
    return stdout.trim().split("\n").map(Number);
  };

  it("has workers behind one port, one more for WebSockets, and writes rows by number", async () => {
    const program = await serve("--workers", "2", "--max-cron-threads", "1", "--database", "beta");
    await isUp();
    expect(childrenOf(program.pid!)).toHaveLength(4);
    expect(await ask("/web/health?db_server_status=1")).toMatchObject({ status: 200 });
    expect(await ask("/websocket", { port: ports.websocket })).toMatchObject({ body: { server: "websocket" } });
    for (const number of [7, 8]) {
      const { body } = await ask(`/visits?number=${number}`, { method: "POST" });
      expect(body).toMatchObject({ number, owner: "odoo", login: "odoo_first", listed: 1 });
    }
    expect((await ask("/visits?number=8", { method: "POST" })).status).toBe(500);
    expect((await ask("/visits")).body).toEqual({ count: 2, first: 7, last: 8 });
    expect(jobs.query("acme", "SELECT count(*) FROM visits")).toBe("0");
    program.kill("SIGTERM");
    expect(await ended(program)).toBe(0);
  });

  it("replaces a worker that ended, and goes on while it does", async () => {
    const program = await serve("--workers", "2", "--max-cron-threads", "0", "--database", "acme");
    await isUp();
    const [first = 0, ...others] = childrenOf(program.pid!);
    process.kill(first, "SIGKILL");
    await eventually(() => childrenOf(program.pid!).length === 3 && !childrenOf(program.pid!).includes(first), {
      what: "another worker",
    });
    expect(childrenOf(program.pid!)).toEqual(expect.arrayContaining(others));
    program.kill("SIGTERM");
    expect(await ended(program)).toBe(0);
  });

  it("answers what is under way, and then ends well, when it is told to end", async () => {
    const program = await serve("--workers", "2", "--max-cron-threads", "2", "--database", "acme");
    await isUp();
    const blocker = "BEGIN; LOCK TABLE visits; SELECT pg_sleep(2); COMMIT";
    const lock = server.run("psql", ["--no-psqlrc", "-d", "acme", "-c", blocker]);
    await eventually(() => server.query("SELECT 1 FROM pg_locks WHERE mode = 'AccessExclusiveLock'").stdout !== "", {
      what: "a table that is locked",
    });
    const answer = ask("/visits?number=1", { method: "POST" });
    await eventually(() => server.query("SELECT 1 FROM pg_locks WHERE NOT granted").stdout !== "", {
      what: "a request that waits",
    });
    program.kill("SIGTERM");
    expect((await answer).status).toBe(200);
    expect(await Promise.all([ended(program), ended(lock)])).toEqual([0, 0]);
    await expect(ask("/web/health")).rejects.toThrow("fetch failed");
  });

  it("has nobody behind a port, for scheduled actions alone", async () => {
    const program = await serve("--no-http", "--workers=-1", "--max-cron-threads=2");
    await eventually(() => childrenOf(program.pid!).length === 2, { what: "two processes" });
    const held = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'LISTEN%' AND usename = 'odoo_first'";
    await eventually(() => server.query(held).stdout === "2", { what: "a session of each" });
    program.kill("SIGTERM");
    expect(await ended(program)).toBe(0);
  });
});
