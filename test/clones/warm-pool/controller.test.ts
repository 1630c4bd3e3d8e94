import { PoolLogEntry, WarmPoolController } from "../../../clones/warm-pool/controller";
import { FakeClock, settle } from "../fake-clock";

/** A server with no pods, which counts looks and may refuse. */
function played(create: () => Promise<object> = () => Promise.resolve({ metadata: { uid: "u" } })) {
  const calls = { looks: 0, created: 0, deleted: 0, failing: false };
  const corev1 = {
    listNamespacedPod: () => {
      calls.looks += 1;
      return calls.failing ? Promise.reject(new Error("no connection")) : Promise.resolve({ items: [] });
    },
    createNamespacedPod: () => ((calls.created += 1), create()),
    createNamespacedSecret: () => Promise.resolve({}),
    deleteNamespacedPod: () => Promise.resolve((calls.deleted += 1)),
  };
  const kube = { corev1, list: () => Promise.resolve({ items: [], metadata: {} }) };
  const clock = new FakeClock("2026-02-05T15:00:00Z");
  const log: PoolLogEntry[] = [];
  const counts: object[] = [];
  let mayAct = true;
  const controller = new WarmPoolController(kube as any, {
    namespace: "wordpress-staging",
    identity: "me",
    template: '{"kind":"Pod","metadata":{"name":"__POD_NAME__"}}',
    clock,
    mayAct: () => mayAct,
    log: (entry) => void log.push(entry),
    observe: (count) => void counts.push(count),
  });
  const stop = new AbortController();
  const end = async (running: Promise<void>) => {
    stop.abort();
    await settle();
    await running;
  };
  const forbid = () => void (mayAct = false);
  return { calls, corev1, clock, log, counts, controller, signal: stop.signal, end, forbid };
}

describe("the warm pool's controller", () => {
  it("[WARM-03] looks every 30 seconds, and at once when it is woken, also while it looks", async () => {
    const { calls, clock, controller, signal, end, counts } = played();
    const running = controller.run(signal);
    await settle();
    expect(calls.looks).toBe(1);
    await clock.step(29_999);
    expect(calls.looks).toBe(1);
    await clock.step(1);
    expect(calls.looks).toBe(2);
    controller.wake();
    await settle();
    expect(calls.looks).toBe(3);
    controller.wake();
    controller.wake();
    await settle();
    // Two events, one look.
    expect(calls.looks).toBe(4);
    expect(counts[0]).toEqual({ creating: 0, ready: 0, assigned: 0, serving: 0, resetting: 0 });
    await end(running);
  });

  it("[WARM-03] does nothing any more once it may not act", async () => {
    const { calls, controller, signal, forbid } = played();
    forbid();
    await controller.look(signal);
    expect(calls).toMatchObject({ looks: 1, created: 0, deleted: 0 });
  });

  it("[WARM-03] tells once that the server is away, and goes on when it is back", async () => {
    const { calls, clock, log, controller, signal, end } = played();
    calls.failing = true;
    const running = controller.run(signal);
    await clock.step(120_000);
    expect(log).toEqual([{ event: "pool.trouble", level: "error", reason: "no connection" }]);
    calls.failing = false;
    await clock.step(30_000);
    expect(log.at(-1)?.event).toBe("pod.created");
    await end(running);
  });

  it("[WARM-02] leaves no pod behind that got no Secret", async () => {
    const { calls, corev1, log, controller, signal } = played();
    corev1.createNamespacedSecret = () => Promise.reject(Object.assign(new Error("forbidden"), { statusCode: 403 }));
    await controller.look(signal);
    expect(calls).toMatchObject({ created: 1, deleted: 1 });
    expect(log).toEqual([{ event: "pool.refused", level: "error", reason: "forbidden" }]);
  });
});
