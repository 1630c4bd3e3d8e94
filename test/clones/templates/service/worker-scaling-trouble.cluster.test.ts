import { setTimeout as sleep } from "node:timers/promises";
import Redis from "ioredis";
import { BullMqQueue } from "../../../../clones/queue/bullmq-queue";
import { METRICS, QUEUE_STATE } from "../../../../clones/telemetry/names";
import { FALLBACK_WORKERS, FEWEST_WORKERS } from "../../../../clones/templates/service/worker-steps";
import { describeWithCluster, eventually } from "../../../cluster";
import { readManifests } from "../../../support/dist";
import { Figures } from "../../../support/figures";
import { AlertTester, missingPromtool } from "../../../support/promtool";
import { missingRedis, RedisServer, startRedis } from "../../../support/redis-server";
import { describeWith } from "../../../support/requires";
import { LOOK_SECONDS, ScaledWorkers, WITH_KEDA } from "../../../support/scaled-workers";

/** Looks that stand for as many minutes: longer than the alerts' own five, and the five that they look back on. */
const MINUTES = 11;

const groups = readManifests("staging").find(
  ({ kind, metadata }) => kind === "PrometheusRule" && metadata.name === "clones",
)!.spec.groups;

describeWith(missingRedis() ?? missingPromtool(), "on a real Redis", () => {
  describeWithCluster("[PLAT-04] a queue that KEDA can't read", WITH_KEDA, (cluster) => {
    const alerts = new AlertTester(groups);
    let redis: RedisServer;
    let admin: Redis;
    let queue: BullMqQueue;
    let workers: ScaledWorkers;

    beforeAll(async () => {
      redis = await startRedis();
      admin = new Redis(redis.url, { maxRetriesPerRequest: null });
      admin.on("error", () => undefined);
      queue = new BullMqQueue({ redis: { url: redis.url } });
      workers = await ScaledWorkers.install(cluster(), redis);
      await workers.change(({ advanced }) => {
        advanced.horizontalPodAutoscalerConfig.behavior.scaleDown.stabilizationWindowSeconds = 0;
      });
    }, 120_000);
    afterAll(async () => {
      alerts.remove();
      admin.disconnect();
      await queue.close();
      await redis.stop();
    }, 30_000);

    /** What Prometheus would hear meanwhile: from KEDA as it is, from the service as its own queue class has it. */
    async function observe(): Promise<Figures> {
      const figures = new Figures(`http://127.0.0.1:${cluster().port("keda-metrics")}/metrics`, "keda_scale");
      for (let minute = 0; minute <= MINUTES; minute += 1) {
        await figures.take(await queued());
        await sleep(LOOK_SECONDS * 1000 + 100);
      }
      return figures;
    }

    async function queued(): Promise<Record<string, number>> {
      const depth = await queue.depth().catch(() => undefined);
      if (depth === undefined) return {};
      const series = (state: string) => `${METRICS.queueJobs}{namespace="clones", state="${state}"}`;
      return { [series(QUEUE_STATE.waiting)]: depth.waiting, [series(QUEUE_STATE.active)]: depth.active };
    }

    /** Says which of the two alerts would call after that. */
    function calls({ series }: Figures): string[] {
      const names = ["CloneScalerFailing", "CloneScalerBlind"];
      return names.filter((name) => {
        const fires = alerts.objections(name, series, true, MINUTES) === "";
        expect(alerts.objections(name, series, false, MINUTES) === "").toBe(!fires);
        return fires;
      });
    }

    const fallsBack = (is: "True" | "False") =>
      eventually(async () => (await workers.condition("Fallback")) === is, { what: `fallback ${is}` });

    it("is no concern of anyone while KEDA reads it, and the alerts ask for what KEDA tells", async () => {
      const figures = await observe();
      expect(calls(figures)).toEqual([]);
      const asked = new Set(JSON.stringify(groups).match(/keda_\w+/g));
      for (const name of asked) {
        for (const trigger of ["waiting", "prioritized", "active"]) {
          const labels = ['namespace="clones"', 'scaledObject="clone-worker"', `scaler="${trigger}"`];
          const told = Object.keys(figures.last).filter((key) => key.startsWith(`${name}{`));
          expect(told).toContainEqual(expect.stringMatching(new RegExp(labels.join(".*"))));
        }
      }
    });

    it("is not taken for an empty one while Redis is away: a usual day's workers, and an alert", async () => {
      expect(await workers.replicas()).toBe(FEWEST_WORKERS);
      await redis.kill();
      await workers.until(FALLBACK_WORKERS);
      expect(await workers.condition("Fallback")).toBe("True");
      expect(calls(await observe())).toEqual(["CloneScalerFailing"]);
      await workers.stay(FALLBACK_WORKERS, 1);
      await redis.start();
      await fallsBack("False");
      await workers.until(FEWEST_WORKERS);
    });

    it("is not taken for an empty one when KEDA's password is not Redis' any more", async () => {
      const rotated = "password-of-a-rotation-that-broke-off";
      await setRedisPassword(rotated);
      await workers.until(FALLBACK_WORKERS);
      expect(calls(await observe())).toEqual(["CloneScalerFailing"]);
      await workers.setPassword(rotated);
      await fallsBack("False");
      await workers.until(FEWEST_WORKERS);
      await workers.setPassword(redis.password);
      await setRedisPassword(redis.password);
      await workers.until(FEWEST_WORKERS);
    });

    it("leaves the workers as many as they are when KEDA itself begins anew without Redis, and somebody is called", async () => {
      await cluster().kill("keda");
      await redis.kill();
      await cluster().resume("keda");
      expect(calls(await observe())).toEqual(["CloneScalerFailing"]);
      expect(await workers.replicas()).toBe(FEWEST_WORKERS);
      await redis.start();
      await workers.until(FEWEST_WORKERS);
    });

    it("is missed if KEDA looks at another key: there it finds nothing, which Redis calls empty", async () => {
      for (const index of Array.from({ length: 60 }).keys()) await queue.add(`job-${index}`);
      await workers.until(10);
      const right = await swapKey("dramatiq");
      await workers.until(FEWEST_WORKERS);
      expect(calls(await observe())).toEqual(["CloneScalerBlind"]);
      await swapKey(right);
      await workers.until(10);
      expect(calls(await observe())).toEqual([]);
    });

    /** For new connections; those that there are end. */
    async function setRedisPassword(password: string): Promise<void> {
      await admin.config("SET", "requirepass", password);
      await admin.client("KILL", "TYPE", "normal", "SKIPME", "yes");
    }

    /** @returns the key before */
    async function swapKey(key: string): Promise<string> {
      let before = "";
      await workers.change(({ triggers: [{ metadata }] }) => {
        before = metadata.listName;
        metadata.listName = key;
      });
      return before;
    }
  });
});
