import { setTimeout as sleep } from "node:timers/promises";
import { ClusterClient } from "../../../cluster";
import { clone, describeWithClones, STAGING } from "../../../support/clone-cluster";

const CLONES = 50;

/** The documents' limits, in seconds. */
const OBJECTS_WITHIN = 10;
const READY_WITHIN = 300;

/** Between two looks, in milliseconds: asking for each clone by itself would be more work for the server than the clones. */
const LOOK_EVERY = 500;

interface Seen {
  /** Seconds from the first request, by clone: when its last object was there, and when it was ready. */
  readonly objects: Map<string, number>;
  readonly ready: Map<string, number>;
}

/** Looks until all are ready. Times are those of the look, so never too short. */
async function watchUntilReady(client: ClusterClient): Promise<Seen> {
  const start = Date.now();
  const seen: Seen = { objects: new Map(), ready: new Map() };
  const { apiVersion, kind } = clone("any");
  const note = (names: readonly string[], times: Map<string, number>) => {
    for (const name of names) if (!times.has(name)) times.set(name, (Date.now() - start) / 1000);
  };
  while (seen.ready.size < CLONES && Date.now() - start < READY_WITHIN * 1000) {
    const ingresses = await client.list("networking.k8s.io/v1", "Ingress", STAGING);
    note(
      ingresses.map(({ metadata }) => metadata.name),
      seen.objects,
    );
    const clones = await client.list(apiVersion, kind, STAGING);
    note(
      clones.filter(({ status }) => status?.ready === true).map(({ metadata }) => metadata.name),
      seen.ready,
    );
    await sleep(LOOK_EVERY);
  }
  return seen;
}

function percentile(times: Map<string, number>, share: number): number {
  const sorted = [...times.values()].sort((one, other) => one - other);
  return sorted[Math.ceil(share * sorted.length) - 1] ?? Number.NaN;
}

const figures = (times: Map<string, number>) =>
  `p50 ${percentile(times, 0.5).toFixed(1)} s, p95 ${percentile(times, 0.95).toFixed(1)} s`;

describeWithClones(`${CLONES} clones at once`, { nodes: 6 }, (cluster) => {
  it("[KRO-11] have their objects within 10 s, and are ready within 5 min", async () => {
    const { client } = cluster();
    const asked = Array.from({ length: CLONES }, (_, index) =>
      clone(`clone-20260210-0800${String(index).padStart(2, "0")}`, { customerId: `customer-${index}` }),
    );
    const [{ objects, ready }] = await Promise.all([
      watchUntilReady(client),
      ...asked.map((one) => client.create(one)),
    ]);
    process.stdout.write(`[KRO-11] ${CLONES} clones at once: objects ${figures(objects)}; ready ${figures(ready)}\n`);
    expect([objects.size, ready.size]).toEqual([CLONES, CLONES]);
    expect(percentile(objects, 0.95)).toBeLessThan(OBJECTS_WITHIN);
  });
});
