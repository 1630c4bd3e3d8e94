import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import Redis from "ioredis";
import { BullMqQueue } from "../../../clones/queue/bullmq-queue";
import { QUEUE_KEYS } from "../../../clones/queue/keys";
import { eventually } from "../../cluster/eventually";
import { freePorts } from "../../cluster/probe";
import { missingRedis, RedisServer, startRedis } from "../../support/redis-server";
import { describeWith } from "../../support/requires";
import { itBehavesAsAQueue } from "./behaviour";

/** So short that a test can wait for them. */
const TIMES = { lock: 2_000, stalledCheck: 1_000, idle: 1_000 } as const;

describeWith(missingRedis(), "[CLONE-04] the queue in Redis", () => {
  let redis: RedisServer;
  let admin: Redis;
  const open: BullMqQueue[] = [];
  const connect = (options: Partial<ConstructorParameters<typeof BullMqQueue>[0]> = {}) => {
    const queue = new BullMqQueue({ redis: { url: redis.url }, times: TIMES, ...options });
    open.push(queue);
    return queue;
  };
  const until = (what: string, check: () => boolean | Promise<boolean>) =>
    eventually(check, { what, timeoutMs: 15_000, intervalMs: 20 });

  beforeAll(async () => {
    redis = await startRedis();
    admin = new Redis(redis.url, { maxRetriesPerRequest: null });
    admin.on("error", () => undefined);
  }, 30_000);
  beforeEach(() => admin.flushall());
  afterEach(() => Promise.all(open.splice(0).map((queue) => queue.close())));
  afterAll(async () => {
    admin.disconnect();
    await redis.stop();
  }, 30_000);

  itBehavesAsAQueue(() => Promise.resolve(connect()));

  it("keeps waiting, delayed and active ids where KEDA is told to look, and nothing of what is done", async () => {
    const queue = connect();
    let finish: () => void = () => undefined;
    const work = () => new Promise<undefined>((resolve) => (finish = () => resolve(undefined)));
    const consumer = queue.work(work, { concurrency: 1 });
    for (const id of ["job-a", "job-b", "job-c"]) await queue.add(id);
    await queue.add("job-d", 60);
    await until("the work", async () => (await admin.llen(QUEUE_KEYS.active)) === 1);
    expect(await admin.lrange(QUEUE_KEYS.active, 0, -1)).toEqual(["job-a"]);
    expect((await admin.lrange(QUEUE_KEYS.wait, 0, -1)).sort()).toEqual(["job-b", "job-c"]);
    expect(await admin.zrange(QUEUE_KEYS.delayed, 0, -1)).toEqual(["job-d"]);
    expect(await admin.exists(QUEUE_KEYS.prioritized)).toBe(0);
    expect(await queue.depth()).toEqual({ waiting: 2, delayed: 1, active: 1 });
    const stopped = consumer.stop(10);
    finish();
    await stopped;
    expect(await admin.keys("*:job-a")).toEqual([]);
    expect(await admin.keys("*:job-b")).toHaveLength(1);
  });

  it("[CLONE-14] hands the id of a killed process to another", async () => {
    const queue = connect();
    await queue.add("job-a");
    const script = join(__dirname, "stuck-consumer.ts");
    const child = spawn(process.execPath, ["--import", "tsx", script], {
      env: { ...process.env, REDIS_URL: redis.url },
      stdio: ["ignore", "pipe", "inherit"],
    });
    await once(child.stdout, "data");
    child.kill("SIGKILL");
    await once(child, "exit");
    const seen: string[] = [];
    const work = (id: string) => {
      seen.push(id);
      return Promise.resolve(undefined);
    };
    queue.work(work, { concurrency: 1 });
    await until("the id", () => seen.length > 0);
    expect(seen).toEqual(["job-a"]);
  }, 30_000);

  it("[CLONE-14] has producers and consumers go on when Redis was killed and is back with its data", async () => {
    const queue = connect();
    const seen: string[] = [];
    const work = async (id: string) => {
      await sleep(100);
      seen.push(id);
      return undefined;
    };
    // What was written within the last second may be lost with it: that is the sweeper's concern.
    await queue.add("job-late", 3);
    await sleep(1_200);
    queue.work(work, { concurrency: 1 });
    await redis.kill();
    await expect(queue.add("job-a")).rejects.toMatchObject({ code: "QUEUE_UNAVAILABLE", status: 503 });
    await redis.start();
    await until("it to take ids", () =>
      queue.add("job-b").then(
        () => true,
        () => false,
      ),
    );
    await until("both ids", () => seen.includes("job-late") && seen.includes("job-b"));
    expect(seen).toHaveLength(2);
  }, 30_000);

  it("[CLONE-14] goes on when Redis comes back empty; what was under way ends in peace", async () => {
    const errors: string[] = [];
    const queue = connect({ onError: (sentence) => errors.push(sentence) });
    const begun: string[] = [];
    const ended: string[] = [];
    const work = async (id: string) => {
      begun.push(id);
      await sleep(1_500);
      ended.push(id);
      return undefined;
    };
    queue.work(work, { concurrency: 1 });
    await queue.add("job-a");
    await queue.add("job-lost");
    await until("the work", () => begun.length === 1);
    await redis.kill();
    await redis.start({ withData: false });
    await until("the end", () => ended.includes("job-a"));
    await until("it to take ids", () =>
      queue.add("job-b").then(
        () => true,
        () => false,
      ),
    );
    await until("the next", () => ended.includes("job-b"));
    expect(begun).toEqual(["job-a", "job-b"]);
    expect(errors.join("\n")).not.toContain(redis.password);
  }, 30_000);

  it.each([
    ["away", (port: number) => ({ host: "127.0.0.1", port })],
    ["of another password", () => ({ host: redis.host, port: redis.port, password: "a-wrong-password" })],
  ])(
    "[CLONE-14] says within two seconds that a Redis is %s, on every call, and ends at once",
    async (_, address) => {
      const [port = 0] = await freePorts(1);
      const errors: string[] = [];
      const queue = connect({ redis: address(port), onError: (sentence) => errors.push(sentence) });
      queue.work(() => Promise.resolve(undefined), { concurrency: 1 });
      const calls = { add: () => queue.add("job-a"), depth: () => queue.depth(), check: () => queue.check() };
      for (const call of Object.values(calls)) {
        const start = Date.now();
        await expect(call()).rejects.toMatchObject({ code: "QUEUE_UNAVAILABLE", status: 503 });
        expect(Date.now() - start).toBeLessThan(2_000);
      }
      expect(errors.length).toBeGreaterThan(0);
      expect(errors.join("\n")).not.toContain("a-wrong-password");
      const start = Date.now();
      await queue.close();
      expect(Date.now() - start).toBeLessThan(6_000);
    },
    30_000,
  );

  it("[CLONE-14] says so too when a Redis takes connections and answers nothing", async () => {
    const queue = connect();
    await queue.check();
    await admin.call("CLIENT", "PAUSE", "4000", "ALL");
    const start = Date.now();
    await expect(queue.add("job-a")).rejects.toMatchObject({ code: "QUEUE_UNAVAILABLE" });
    expect(Date.now() - start).toBeLessThan(2_000);
    await until("Redis", () =>
      queue.check().then(
        () => true,
        () => false,
      ),
    );
    await queue.add("job-b");
  }, 30_000);
});
