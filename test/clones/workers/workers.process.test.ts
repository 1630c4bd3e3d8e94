import { ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Job } from "../../../clones/domain/job";
import { newJobId } from "../../../clones/domain/job-id";
import { BullMqQueue } from "../../../clones/queue/bullmq-queue";
import { openStore, Store } from "../../../clones/store/open";
import type { KubeObject } from "../../cluster";
import { eventually } from "../../cluster/eventually";
import { readManifests } from "../../support/dist";
import { MariaDb, missingMariaDb, startMariaDb } from "../../support/mariadb-server";
import { missingRedis, RedisServer, startRedis } from "../../support/redis-server";
import { describeWith } from "../../support/requires";
import { StandInSite } from "../../support/stand-in-site";
import { prepare, serviceUrl } from "../store/support/mariadb-account";
import { CloneRecorder } from "./support/stand-in-backend";
import { CONCURRENCY, LEASE, TIMES, WorkerProcessOptions } from "./support/worker-process";

const SCRIPT = join(__dirname, "support", "worker-process.ts");
const CONTENT = { "/": "<h1>Shop</h1>", "/mail": "ann@shop.example" };

/** The same sequence each time, from 0 to 1 (mulberry32). */
function seeded(seed: number): () => number {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** Seconds that dist's workers have for what they hold, and after which Kubernetes kills them. */
function graceOfDist(): { graceSeconds: number; killedAfterSeconds: number } {
  const isWorker = ({ kind, metadata }: KubeObject) => kind === "Deployment" && metadata.name === "clone-worker";
  const { containers, terminationGracePeriodSeconds } = readManifests("staging").find(isWorker)!.spec.template.spec;
  const { value } = containers[0].env.find(({ name }: { name: string }) => name === "WORKER_GRACE_SECONDS");
  return { graceSeconds: Number(value), killedAfterSeconds: terminationGracePeriodSeconds };
}

describeWith(missingRedis() ?? missingMariaDb(), "[CLONE-14] workers on a real Redis and a real MariaDB", () => {
  let redis: RedisServer;
  let database: MariaDb;
  let store: Store;
  let queue: BullMqQueue;
  let recorder: CloneRecorder;
  let source: StandInSite;
  const children = new Set<ChildProcess>();
  let output = "";
  let count = 0;

  beforeAll(async () => {
    [redis, database] = await Promise.all([startRedis(), startMariaDb()]);
    await prepare(database);
    store = openStore(serviceUrl(database), { leaseSeconds: LEASE });
    queue = new BullMqQueue({ redis: { url: redis.url }, times: TIMES });
    source = await StandInSite.start({ content: CONTENT, username: "admin", password: "password-of-the-source" });
  }, 60_000);
  beforeEach(async () => {
    output = "";
    recorder = await CloneRecorder.start();
  });
  afterEach(async () => {
    await Promise.all([...children].map((child) => kill(child)));
    await recorder.stop();
  }, 30_000);
  afterAll(async () => {
    await queue.close();
    await store.close();
    await source.stop();
    await Promise.all([redis.stop(), database.stop()]);
  }, 30_000);

  function start(more: Partial<WorkerProcessOptions> = {}): ChildProcess {
    const options: WorkerProcessOptions = {
      redis: redis.url,
      store: serviceUrl(database),
      backend: recorder.url,
      workerId: `worker-${(count += 1)}`,
      createMilliseconds: 200,
      copyMilliseconds: 300,
      graceSeconds: 1,
      ...more,
    };
    const child = spawn(process.execPath, ["--import", "tsx", SCRIPT], {
      env: { ...process.env, WORKER_PROCESS: JSON.stringify(options) },
      stdio: ["ignore", "pipe", "inherit"],
    });
    child.stdout.on("data", (data: Buffer) => (output += data.toString()));
    children.add(child);
    child.once("exit", () => children.delete(child));
    return child;
  }

  async function kill(child: ChildProcess, signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, "exit");
    child.kill(signal);
    await gone;
  }

  async function submit(jobs: number): Promise<string[]> {
    const ids = Array.from({ length: jobs }, () => newJobId(randomBytes));
    for (const [index, id] of ids.entries()) {
      const request = { source_url: source.url, customer_id: `shop-${index}`, ttl_minutes: 30 };
      const secrets = JSON.stringify({ username: "admin", password: "password-of-the-source" });
      await store.jobs.create({ id, tenantId: "acme", type: "clone", request, secrets });
      // The sweeper brings those that Redis doesn't take.
      await queue.add(id).catch(() => undefined);
    }
    return ids;
  }

  const jobsOf = (ids: readonly string[]) => Promise.all(ids.map(async (id) => (await store.jobs.find(id))!));

  async function allOver(ids: readonly string[], timeoutMs = 70_000): Promise<Job[]> {
    const look = async () => {
      const jobs = await jobsOf(ids);
      const open = jobs.filter(({ completedAt }) => completedAt === undefined);
      if (open.length > 0) throw new Error(`${open.length} are open: ${JSON.stringify(open.slice(0, 3))}`);
      return jobs;
    };
    return await eventually(look, { what: `the end of ${ids.length} jobs`, timeoutMs, intervalMs: 200 });
  }

  /** Each job completed, by one clone of its own, with the source's content; nothing else lives. */
  async function expectEachOnce(ids: readonly string[]): Promise<void> {
    const jobs = await allOver(ids);
    expect(jobs.map(({ status, failure }) => failure?.message ?? status)).toEqual(ids.map(() => "completed"));
    expect([...recorder.made].sort()).toEqual([...ids].sort());
    expect([...recorder.living.values()].map(({ site }) => site.content)).toEqual(ids.map(() => CONTENT));
    const named = jobs.map(({ result }) => result?.clone_id as string);
    expect(new Set(named)).toEqual(new Set(recorder.living.keys()));
    const ends = (await Promise.all(ids.map((id) => store.jobs.events({ [id]: 0 })))).map(
      (events) => events.filter(({ status }) => status === "completed").length,
    );
    expect(ends).toEqual(ids.map(() => 1));
    expect(output).not.toMatch(/password-of-the/);
  }

  it("[CLONE-13] complete 40 jobs, each exactly once, while one of them is killed every second or two", async () => {
    const random = seeded(5);
    for (let index = 0; index < 3; index += 1) start();
    await eventually(() => output.includes("started"), { what: "a worker" });
    const ids = await submit(40);
    let kills = 0;
    const over = new AbortController();
    const killing = (async () => {
      while (!over.signal.aborted && kills < 8) {
        await sleep(1_000 + 1_000 * random(), undefined, { signal: over.signal }).catch(() => undefined);
        const victim = [...children][Math.floor(random() * children.size)];
        if (victim === undefined) continue;
        await kill(victim);
        kills += 1;
        start();
      }
    })();
    await allOver(ids);
    over.abort();
    await killing;
    await expectEachOnce(ids);
    expect(kills).toBeGreaterThanOrEqual(2);
    const attempts = (await jobsOf(ids)).map(({ attempt }) => attempt);
    expect(Math.max(...attempts)).toBeGreaterThan(1);
  }, 90_000);

  it.each([
    ["with its data", true],
    ["without", false],
  ])(
    "complete all jobs once when Redis is killed and comes back %s",
    async (_, withData) => {
      start();
      start();
      await eventually(() => output.includes("started"), { what: "a worker" });
      const ids = await submit(12);
      await sleep(500);
      await redis.kill();
      ids.push(...(await submit(2)));
      await sleep(1_000);
      await redis.start({ withData });
      await expectEachOnce(ids);
    },
    60_000,
  );

  it("complete all jobs once when the database is away for seconds", async () => {
    start();
    start();
    await eventually(() => output.includes("started"), { what: "a worker" });
    const ids = await submit(15);
    await sleep(500);
    await database.kill();
    await sleep(4_000);
    await database.start();
    await expectEachOnce(ids);
  }, 60_000);

  it("take a clone back that its owner cancels in another process", async () => {
    start({ copyMilliseconds: 60_000 });
    const [id = ""] = await submit(1);
    await eventually(() => recorder.living.size === 1, { what: "the clone" });
    await store.jobs.requestCancel(id);
    const [job] = await allOver([id], 10_000);
    expect(job?.status).toBe("cancelled");
    expect(recorder.living.size).toBe(0);
  }, 40_000);

  it("[PLAT-04] finish on SIGTERM what they hold, within the time that dist gives them, and take no more", async () => {
    const { graceSeconds, killedAfterSeconds } = graceOfDist();
    const first = start({ copyMilliseconds: 4_000, graceSeconds });
    const ids = await submit(12);
    await eventually(() => recorder.living.size === CONCURRENCY, { what: "clones of all that it works on at once" });
    await kill(first, "SIGTERM");
    expect(first.exitCode).toBe(0);
    expect(graceSeconds).toBeLessThan(killedAfterSeconds);
    const jobs = await jobsOf(ids);
    const finished = jobs.filter(({ status }) => status === "completed");
    expect(finished.map(({ attempt, failures }) => [attempt, failures])).toEqual(Array(CONCURRENCY).fill([1, 0]));
    const others = jobs.filter(({ status }) => status !== "completed");
    expect(others.map(({ status, attempt }) => [status, attempt])).toEqual(
      Array(12 - CONCURRENCY).fill(["pending", 0]),
    );
    start();
    await expectEachOnce(ids);
  }, 60_000);

  it("hand back on SIGTERM what they can't finish, and another goes on where they were", async () => {
    const first = start({ copyMilliseconds: 60_000 });
    const [id = ""] = await submit(1);
    await eventually(() => recorder.living.size === 1, { what: "the clone" });
    const asked = Date.now();
    await kill(first, "SIGTERM");
    expect(first.exitCode).toBe(0);
    expect(Date.now() - asked).toBeLessThan(5_000);
    expect(await store.jobs.find(id)).toMatchObject({ status: "pending", failures: 0, attempt: 1 });
    start();
    await expectEachOnce([id]);
    expect(await store.jobs.find(id)).toMatchObject({ failures: 0, attempt: 2 });
  }, 40_000);
});
