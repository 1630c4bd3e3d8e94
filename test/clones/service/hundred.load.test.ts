import { setTimeout as sleep } from "node:timers/promises";
import { BulkReport, runBulkCreate } from "../../../clones/cli/bulk";
import type { Job } from "../../../clones/domain/job";
import { describeWithClones, STAGING } from "../../support/clone-cluster";
import { missingMariaDb } from "../../support/mariadb-server";
import { missingRedis } from "../../support/redis-server";
import { Recorder } from "../../support/recorder";
import { describeWith } from "../../support/requires";
import { ServiceUnderTest } from "../../support/service";
import type { Running } from "../../../clones/processes/lifetime";
import { startCleaner } from "./cleaner";
import type { KubeObject } from "../../cluster";

const KIND = ["clones.betaweb.ai/v1alpha1", "WordPressClone"] as const;

/** Six nodes of 64 CPUs: quotas and nodes are other suites' matter. */
const NODES = { nodes: 6, nodeCapacity: { cpu: "64", memory: "256Gi", pods: "110" } };

describeWith(missingMariaDb() ?? missingRedis(), "the clone service as a whole", () => {
  describeWithClones("many clones asked for at once", NODES, (cluster) => {
    let service: ServiceUnderTest;
    let recorder: Recorder;
    let cleaner: Running;
    let round = 0;

    beforeAll(async () => {
      recorder = await Recorder.start();
      service = await ServiceUnderTest.start(cluster().kubeconfig);
      await service.startWorkers(2, 20);
      cleaner = startCleaner(cluster(), service.database);
    }, 240_000);
    afterAll(async () => {
      await cleaner.stop();
      await service.stop();
      await recorder.stop();
    }, 60_000);

    /** Asks for them, and has the trouble begin as soon as they are asked for. */
    const ask = async (count: number, trouble: () => Promise<void> = () => Promise.resolve()) => {
      round += 1;
      recorder.copies.clear();
      let report: BulkReport | undefined;
      const line = { count: String(count), source: recorder.url, api: service.url, prefix: `r${round}`, wait: true };
      const show = (object: unknown) => void (report = object as BulkReport);
      await Promise.all([runBulkCreate(line, { apiKey: service.key, show }), trouble()]);
      process.stderr.write(`${count} clones: ${JSON.stringify(report)}\n`);
      expect(report).toMatchObject({ asked: count, accepted: count, refusals: [], ended: { completed: count } });
    };

    /** Every job completed, with a clone of its own, copied into once; nothing else is there. Then all of it goes. */
    const assertExactlyOnce = async (count: number) => {
      const jobs = await completedJobs(`r${round}-`);
      expect(jobs).toHaveLength(count);
      const clones = await cluster().client.list(...KIND, STAGING);
      // Another round may have failed, and left some.
      const ours = clones.filter((clone) => customerOf(clone).startsWith(`r${round}-`));
      expect(ours.map(({ metadata }) => metadata.name).sort()).toEqual(jobs.map(({ cloneId }) => cloneId).sort());
      expect(new Set(ours.map(customerOf)).size).toBe(count);
      expect([...recorder.copies.keys()].sort()).toEqual(jobs.map(({ id }) => id).sort());
      await removeAll(ours);
      return ours;
    };

    const completedJobs = async (prefix: string): Promise<Job[]> => {
      const jobs: Job[] = [];
      let cursor: string | undefined;
      do {
        const page = await service.store.jobs.list({ limit: 200, ...(cursor && { cursor }) });
        jobs.push(...page.jobs);
        cursor = page.cursor;
      } while (cursor !== undefined);
      const asked = jobs.filter(
        ({ request, type }) => type === "clone" && String(request.customer_id).startsWith(prefix),
      );
      expect(asked.filter(({ status }) => status !== "completed")).toEqual([]);
      return asked;
    };

    const removeAll = async (clones: readonly KubeObject[]) => {
      for (const { metadata } of clones) {
        const { status } = await service.call("DELETE", `/api/v2/delete/${metadata.name}`);
        expect(status).toBe(202);
      }
      for (;;) {
        const left = (await cluster().client.list(...KIND, STAGING)).filter(isAmong(clones));
        if (left.length === 0) return;
        await sleep(500);
      }
    };

    it("[CLONE-13] [KRO-09] all hundred are answered, completed, and made once, each with an id of its own", async () => {
      await ask(100);
      expect([...recorder.copies.values()]).toEqual(Array(100).fill(1));
      const clones = await assertExactlyOnce(100);
      const ids = clones.map(({ metadata }) => metadata.name);
      expect(ids).toEqual(ids.map(() => expect.stringMatching(/^clone-20\d{6}-\d{6}(-[a-z0-9]{4})?$/)));
      expect(new Set(ids).size).toBe(100);
    }, 400_000);

    it("[CLONE-14] so they are while workers die every few seconds", async () => {
      await ask(100, async () => {
        for (let kills = 0; kills < 5; kills += 1) {
          await sleep(4000);
          await Promise.all([service.killWorker(), service.startWorker(20)]);
        }
      });
      await assertExactlyOnce(100);
    }, 600_000);

    it("[CLONE-14] so they are while Redis dies, and comes back with its data", async () => {
      await ask(40, async () => {
        await sleep(2000);
        await service.redis.kill();
        await sleep(5000);
        await service.redis.start();
      });
      await assertExactlyOnce(40);
    }, 400_000);

    it("[CLONE-14] so they are while Redis dies, and has forgotten everything", async () => {
      await ask(40, async () => {
        await sleep(2000);
        await service.redis.kill();
        await sleep(3000);
        await service.redis.start({ withData: false });
      });
      await assertExactlyOnce(40);
    }, 400_000);

    it("[CLONE-14] so they are while the database is away for 20 s, and the API says 503 with Retry-After", async () => {
      const refusals: [status: number, retryAfter: string | null, milliseconds: number][] = [];
      await ask(40, async () => {
        await sleep(3000);
        await service.database.kill();
        for (let second = 0; second < 4; second += 1) {
          const body = { source_url: recorder.url, customer_id: `late-${second}` };
          const { status, headers, milliseconds } = await service.call("POST", "/api/v2/clone", body);
          refusals.push([status, headers.get("retry-after"), milliseconds]);
          await sleep(5000 - Math.min(5000, milliseconds));
        }
        await service.database.start();
      });
      for (const [status, retryAfter, milliseconds] of refusals) {
        expect(status).toBe(503);
        expect(Number(retryAfter)).toBeGreaterThan(0);
        expect(milliseconds).toBeLessThan(6000);
      }
      await assertExactlyOnce(40);
    }, 400_000);

    it("[CLONE-14] so they are while the API server restarts", async () => {
      await ask(40, async () => {
        await sleep(3000);
        await cluster().kill("kube-apiserver");
        await sleep(5000);
        await cluster().resume("kube-apiserver");
      });
      await assertExactlyOnce(40);
    }, 400_000);

    it("[CLONE-12] whatever happened, each line of the log is JSON, names its job, and shows no password", () => {
      const lines = service.logs().trim().split("\n");
      const parsed = lines.map((line) => JSON.parse(line));
      expect(parsed.filter(({ job_id }) => job_id !== undefined).length).toBeGreaterThan(100);
      expect(parsed.filter(({ job_id, trace_id }) => job_id !== undefined && trace_id === undefined)).toEqual([]);
      expect(service.logs()).not.toContain("job-store-of-the-tests");
    });
  });
});

function isAmong(objects: readonly KubeObject[]): (one: KubeObject) => boolean {
  const uids = new Set(objects.map(({ metadata }) => metadata.uid));
  return ({ metadata }) => uids.has(metadata.uid);
}

function customerOf({ spec }: KubeObject): string {
  return (spec as { customerId: string }).customerId;
}
