import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Queue, Worker } from "bullmq";
import Redis from "ioredis";
import { Keeper } from "../../../cluster/keeper";
import { eventually } from "../../../cluster";
import { freePorts } from "../../../cluster/probe";
import { readManifests } from "../../../support/dist";
import { missingRedis, redisProgram } from "../../../support/redis-server";
import { describeWith } from "../../../support/requires";

const PASSWORD = "the password of a test";
const HOST = "127.0.0.1";

const dataOf = (name: string): Record<string, string> =>
  readManifests("production").find(({ kind, metadata }) => kind === "ConfigMap" && metadata.name === name)!.data;

/** A redis-server as the pod runs it: by dist's configuration and scripts, with their folders below `keeper`'s. */
class DistRedis {
  private readonly path = (file: string) => join(this.keeper.folder, file);
  private program: ReturnType<Keeper["start"]> | undefined;

  constructor(
    private readonly keeper: Keeper,
    readonly port: number,
  ) {
    for (const folder of ["users", "data"]) mkdirSync(this.path(folder));
    for (const [name, text] of Object.entries(dataOf("clone-redis-scripts"))) writeFileSync(this.path(name), text);
    const configuration = dataOf("clone-redis-config")["redis.conf"]!;
    const here = configuration
      .replace("bind * -::*", `bind ${HOST}`)
      .replace("port 6379", `port ${port}`)
      .replace("/users/", this.path("users/"))
      .replace("dir /data", `dir ${this.path("data")}`);
    writeFileSync(this.path("redis.conf"), here);
  }

  get users(): string {
    return readFileSync(this.path("users/users.acl"), "utf8");
  }

  writeUsers(): void {
    this.script("acl.sh", [this.path("users/users.acl")], { REDIS_PASSWORD: PASSWORD });
  }

  /** Its exit code. */
  script(name: string, args: string[], env: Record<string, string> = {}): number | null {
    const REDIS_PORT = String(this.port);
    return spawnSync("bash", [this.path(name), ...args], { env: { ...process.env, REDIS_PORT, ...env } }).status;
  }

  async start(): Promise<void> {
    this.program = this.keeper.start("redis", redisProgram()!, [this.path("redis.conf")]);
    await eventually(() => this.script("probe.sh", ["ready"]) === 0, { what: "Redis" });
  }

  async kill(): Promise<void> {
    await this.program?.kill();
  }
}

describeWith(missingRedis(), "[PLAT-05] Redis by dist's own configuration", () => {
  let keeper: Keeper;
  let server: DistRedis;

  beforeAll(async () => {
    keeper = new Keeper("loomworks-dist-redis-");
    server = new DistRedis(keeper, (await freePorts(1))[0]!);
    server.writeUsers();
    await server.start();
  }, 30_000);

  afterAll(() => keeper.release(), 30_000);

  const optionsFor = (username?: string, password?: string) => ({
    host: HOST,
    port: server.port,
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
  });

  /** What the server answers to a command, or how it refuses it. */
  async function answer(user: [username?: string, password?: string], command: string, ...args: string[]) {
    const client = new Redis({ ...optionsFor(...user), retryStrategy: () => null, enableReadyCheck: false });
    client.on("error", () => undefined);
    try {
      return String(await client.call(command, ...args));
    } catch (error) {
      return (error as Error).message;
    } finally {
      client.disconnect();
    }
  }

  const SERVICE: [string, string] = ["default", PASSWORD];
  const EXPORTER: [string, string] = ["exporter", PASSWORD];

  it("serves nobody without the password, or with another", async () => {
    expect(await answer([], "GET", "one")).toMatch(/^NOAUTH/);
    expect(await answer([], "AUTH", "a guess")).toMatch(/^WRONGPASS/);
    expect(await answer([], "AUTH", "exporter", "a guess")).toMatch(/^WRONGPASS/);
    expect(await answer(SERVICE, "GET", "one")).toBe("null");
  });

  it("keeps the password's hash, and not the password", () => {
    expect(server.users).toMatch(/^user default on #[0-9a-f]{64} /);
    expect(server.users).not.toContain(PASSWORD);
  });

  it("lets the service work with queues, and neither manage the server nor empty it", async () => {
    const connection = { ...optionsFor(...SERVICE), maxRetriesPerRequest: null };
    const queue = new Queue("of-a-test", { connection });
    const done: unknown[] = [];
    const worker = new Worker("of-a-test", (job) => Promise.resolve(done.push(job.data)), { connection });
    await queue.add("job", "worked on");
    await eventually(() => done.length > 0, { what: "the job" });
    await worker.close();
    await queue.close();
    expect(done).toEqual(["worked on"]);
    for (const [command, ...args] of [
      ["CONFIG", "GET", "*"],
      ["FLUSHALL"],
      ["KEYS", "*"],
      ["SHUTDOWN", "NOSAVE"],
      ["ACL", "LIST"],
      ["REPLICAOF", "192.0.2.1", "6379"],
    ] as [string, ...string[]][]) {
      expect([command, await answer(SERVICE, command, ...args)]).toEqual([command, expect.stringMatching(/^NOPERM/)]);
    }
  });

  it("shows figures to the exporter, and no job", async () => {
    expect(await answer(EXPORTER, "INFO", "stats")).toContain("total_commands_processed:");
    expect(await answer(EXPORTER, "GET", "one")).toMatch(/^NOPERM/);
    expect(await answer(EXPORTER, "SCAN", "0")).toMatch(/^NOPERM/);
  });

  it("tells a probe without a password that it answers, and nothing else", async () => {
    const probe: [string, string] = ["probe", "none"];
    expect(await answer(probe, "PING")).toBe("PONG");
    for (const [command, ...args] of [["INFO"], ["GET", "one"], ["CLIENT", "LIST"]] as [string, ...string[]][]) {
      expect(await answer(probe, command, ...args)).toMatch(/^NOPERM/);
    }
    expect([server.script("probe.sh", ["alive"]), server.script("probe.sh", ["anything"])]).toEqual([0, 64]);
  });

  it("stands alone, holds 256 MB, and has orders to throw no job out", async () => {
    expect(await answer(SERVICE, "INFO", "replication")).toMatch(/role:master\r\nconnected_slaves:0/);
    const memory = await answer(SERVICE, "INFO", "memory");
    expect(memory).toContain(`maxmemory:${256 * 2 ** 20}\r\n`);
    expect(memory).toContain("maxmemory_policy:noeviction\r\n");
  });

  it("has after a crash what it was told more than a second before, and isn't ready in between", async () => {
    expect(await answer(SERVICE, "INFO", "persistence")).toContain("aof_enabled:1\r\n");
    await answer(SERVICE, "SET", "one", "kept");
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    await server.kill();
    expect([server.script("probe.sh", ["alive"]), server.script("probe.sh", ["ready"])]).toEqual([1, 1]);
    await server.start();
    expect(await answer(SERVICE, "GET", "one")).toBe("kept");
  }, 30_000);
});
