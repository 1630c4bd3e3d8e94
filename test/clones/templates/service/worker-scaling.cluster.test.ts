import { Queue } from "bullmq";
import { BullMqQueue } from "../../../../clones/queue/bullmq-queue";
import { QUEUE_NAME, QUEUE_PREFIX } from "../../../../clones/queue/keys";
import type { Consumer } from "../../../../clones/queue/queue";
import { describeWithCluster, eventually, listPods, POD_ANNOTATIONS, readyPods } from "../../../cluster";
import { missingRedis, RedisServer, startRedis } from "../../../support/redis-server";
import { describeWith } from "../../../support/requires";
import { ScaledWorkers, WITH_KEDA } from "../../../support/scaled-workers";
import { WORKERS_BY_JOBS } from "./worker-table";

const NAMESPACE = "clones";
const LABEL = "app.kubernetes.io/name=clone-worker";

/** Takes jobs off the queue, one at a time, until so many are left; the last of them stays under way. */
class Drain {
  private floor: number;
  private readonly consumer: Consumer;

  constructor(
    queue: BullMqQueue,
    private left: number,
  ) {
    this.floor = left;
    this.consumer = queue.work((_, signal) => this.take(signal), { concurrency: 1 });
  }

  to(floor: number): void {
    this.floor = floor;
  }

  async stop(): Promise<void> {
    await this.consumer.stop(0);
  }

  private async take(signal: AbortSignal): Promise<undefined> {
    const mayGo = () => this.left > this.floor || signal.aborted;
    await eventually(mayGo, { what: "leave to end a job", timeoutMs: 600_000, intervalMs: 5 });
    this.left -= 1;
  }
}

describeWith(missingRedis(), "on a real Redis", () => {
  describeWithCluster("[PLAT-04] KEDA, by the real queue and the real autoscaler,", WITH_KEDA, (cluster) => {
    let redis: RedisServer;
    let queue: BullMqQueue;
    let workers: ScaledWorkers;
    let drain: Drain;
    let put = 0;
    const seconds: string[] = [];

    beforeAll(async () => {
      redis = await startRedis();
      queue = new BullMqQueue({ redis: { url: redis.url } });
      workers = await ScaledWorkers.install(cluster(), redis);
    }, 120_000);
    afterAll(async () => {
      process.stderr.write(`Seconds from jobs to as many replicas: ${seconds.join(", ")}\n`);
      await queue.close();
      await redis.stop();
    }, 30_000);

    async function fill(jobs: number): Promise<void> {
      for (; put < jobs; put += 1) await queue.add(`job-${put}`);
    }

    const ready = async () => (await readyPods(cluster().client, NAMESPACE, LABEL)).length;

    it.each(WORKERS_BY_JOBS)("has for %i waiting jobs %i workers", async (jobs, count) => {
      await fill(jobs);
      expect(await workers.asked()).toBe(count);
      seconds.push(`${jobs} → ${count}: ${(await workers.until(count)).toFixed(1)}`);
      await eventually(async () => (await ready()) === count, { what: `${count} ready pods` });
    });

    it("lets workers stay for a while when there is less to do", async () => {
      drain = new Drain(queue, put);
      drain.to(99);
      await eventually(async () => (await workers.asked()) === 10, { what: "a need of ten" });
      await workers.stay(20, 5);
      // Five minutes of it are not waited for.
      await workers.change(({ advanced }) => {
        advanced.horizontalPodAutoscalerConfig.behavior.scaleDown.stabilizationWindowSeconds = 0;
      });
    });

    it.each(WORKERS_BY_JOBS.filter(([jobs]) => jobs < 100).reverse())(
      "has for %i jobs that are left, the last of them under way, %i workers",
      async (jobs, count) => {
        drain.to(jobs);
        await workers.until(count);
        expect(await workers.asked()).toBe(count);
      },
    );

    it("counts jobs under way and jobs with a priority, and none that come back later", async () => {
      await drain.stop();
      await Promise.all(Array.from({ length: 60 }, (_, index) => queue.add(`later-${index}`, 3600)));
      expect(await queue.depth()).toEqual({ waiting: 0, delayed: 60, active: 0 });
      expect(await workers.asked()).toBe(2);

      const connection = { host: redis.host, port: redis.port, password: redis.password };
      const producer = new Queue(QUEUE_NAME, { prefix: QUEUE_PREFIX, connection });
      const urgent = Array.from({ length: 10 }, (_, index) => `urgent-${index}`);
      await producer.addBulk(urgent.map((jobId) => ({ name: "job", data: {}, opts: { jobId, priority: 1 } })));
      await producer.close();
      await workers.until(5);

      const consumer = queue.work((_, signal) => ended(signal), { concurrency: 10 });
      await eventually(async () => (await queue.depth()).active === 10, { what: "ten jobs under way" });
      expect(await queue.depth()).toEqual({ waiting: 0, delayed: 60, active: 10 });
      await workers.stay(5, 3);
      await consumer.stop(0);
      await workers.until(2);
    });

    it("gives a worker that has to go the time that its longest job may take", async () => {
      const { client } = cluster();
      for (const index of Array.from({ length: 12 }).keys()) await queue.add(`last-${index}`);
      await workers.until(5);
      // What a worker does that holds a job: it ends when that has ended.
      const busy = { metadata: { annotations: { [POD_ANNOTATIONS.terminatesAfter]: "8s" } } };
      for (const pod of await listPods(client, NAMESPACE, LABEL)) await client.merge(pod, busy);
      const consumer = queue.work(() => Promise.resolve(undefined), { concurrency: 10 });
      await workers.until(2);
      const pods = await listPods(client, NAMESPACE, LABEL);
      const leaving = pods.filter(({ metadata }) => metadata.deletionTimestamp !== undefined);
      expect([pods.length, leaving.length]).toEqual([5, 3]);
      expect(leaving.map(({ metadata }) => metadata.deletionGracePeriodSeconds)).toEqual([900, 900, 900]);
      expect(leaving.map(({ status }) => status.phase)).toEqual(["Running", "Running", "Running"]);
      await eventually(async () => (await listPods(client, NAMESPACE, LABEL)).length === 2, { what: "their end" });
      await consumer.stop(0);
    });
  });
});

function ended(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(undefined), { once: true }));
}
