import { CLONE_LABELS } from "../../../constructs/contract";
import { systemClock } from "../../../clones/provisioner/clock";
import { LeaderElection } from "../../../clones/warm-pool/leader-election";
import { eventually, KubeObject } from "../../cluster";
import { describeWithClones, STAGING } from "../../support/clone-cluster";
import { ROOMY, shiftedClock } from "../support";
import { names, neverReady, podNamed, signal, warmPoolOn } from "./support";

describeWithClones("the warm pool's controller on a real API server", ROOMY, (cluster) => {
  const warm = warmPoolOn(cluster);
  const client = () => cluster().client;
  afterEach(() => warm.empty());

  it("[WARM-03] fills itself, each pod with a Secret of its own that goes with it", async () => {
    warm.start({ min: 2 });
    const [one, other] = await warm.free(2);
    const secretOf = (pod: KubeObject) => ({ ...podNamed(`${pod.metadata.name}-credentials`), kind: "Secret" });
    const [first, second] = [await client().get(secretOf(one!)), await client().get(secretOf(other!))];
    expect(first.data["database-password"]).not.toBe(second.data["database-password"]);
    expect(first.metadata.ownerReferences).toMatchObject([{ kind: "Pod", uid: one!.metadata.uid }]);
    expect(one!.metadata.labels).not.toHaveProperty([CLONE_LABELS.clone]);

    await client().delete(one!);
    await eventually(async () => (await client().find(secretOf(one!))) === undefined, { what: "the Secret's end" });
  });

  it("[WARM-03] replaces a pod as soon as it is deleted or claimed, without waiting for its check", async () => {
    warm.start();
    const [pod] = await warm.free(1);
    await client().delete(pod!);
    const [next] = await warm.free(1, 10_000);
    expect(next!.metadata.name).not.toBe(pod!.metadata.name);
    expect(await warm.pool().claim("job-1", "acme")).toBe(next!.metadata.name);
    expect(names(await warm.free(1, 10_000))).not.toContain(next!.metadata.name);
    expect(names(await warm.withStatus("assigned"))).toEqual([next!.metadata.name]);
  });

  it("[WARM-03] deletes the oldest of too many, and none that was claimed meanwhile", async () => {
    const many = warm.controllerWith({ min: 4, max: 4 });
    await many.controller.look(signal());
    await eventually(async () => (await warm.living()).length === 4, { what: "four pods" });
    await eventually(
      async () => {
        await many.controller.look(signal());
        return (await warm.withStatus("ready")).length === 4;
      },
      { what: "four free pods" },
    );
    const claimed = await warm.pool().claim("job-1", "acme");
    const few = warm.controllerWith();
    await few.controller.look(signal());

    const left = await warm.living();
    expect(left).toHaveLength(3);
    const age = (pod: KubeObject) => `${pod.metadata.creationTimestamp} ${pod.metadata.name}`;
    const sorted = [...left].sort((one, other) => age(one).localeCompare(age(other)));
    // The oldest was claimed, the next was too much.
    expect(sorted[0]!.metadata.name).toBe(claimed);
    expect(few.log.map(({ event, reason }) => `${event} ${reason}`)).toEqual(["pod.deleted surplus"]);
  });

  it("[WARM-03] deletes a pod that doesn't get ready in five minutes, and makes another", async () => {
    await client().create(neverReady("wordpress-warm-stuck", "creating"));
    await warm.controllerWith({ clock: shiftedClock(290) }).controller.look(signal());
    expect(names(await warm.living())).toEqual(["wordpress-warm-stuck"]);
    const late = warm.controllerWith({ clock: shiftedClock(301) });
    await late.controller.look(signal());
    expect(late.log.map(({ event, reason }) => [event, reason])).toEqual([
      ["pod.deleted", "never got ready"],
      ["pod.created", undefined],
    ]);
  });

  it("[WARM-03] tells once that the quota is full, waits, and goes on when it isn't", async () => {
    const quota = { apiVersion: "v1", kind: "ResourceQuota", metadata: { name: "full", namespace: STAGING } };
    await client().create({ ...quota, spec: { hard: { pods: "0" } } });
    await eventually(async () => (await client().get(quota)).status?.hard?.pods === "0", { what: "quota in force" });
    let ahead = 0;
    const clock = { ...systemClock, now: () => new Date(Date.now() + ahead) };
    const { controller, log } = warm.controllerWith({ clock });
    for (let check = 0; check < 4; check += 1) {
      await controller.look(signal());
      ahead += 31_000;
    }
    expect(log.map(({ event }) => event)).toEqual(["pool.refused"]);
    expect(log[0]!.reason).toContain("exceeded quota: full");
    await client().delete(quota);
    ahead += 300_000;
    await eventually(
      async () => {
        await controller.look(signal());
        return (await warm.living()).length === 1;
      },
      { what: "a pod" },
    );
    expect(log.map(({ event }) => event)).toEqual(["pool.refused", "pod.created", "pool.admitted"]);
  });

  it("[WARM-03] has one of three controllers act, and never makes too many, whichever of them freezes or ends", async () => {
    const most: number[] = [];
    const elections = ["one", "two", "three"].map((identity) => {
      const stop = new AbortController();
      let isFrozen = false;
      let terms = 0;
      // A frozen process makes no request and runs no timer; its clock goes on.
      const thawed = async () => {
        while (isFrozen) await systemClock.sleep(20);
      };
      const clock = {
        ...systemClock,
        sleep: async (milliseconds: number, abort?: AbortSignal) => {
          await systemClock.sleep(milliseconds, abort);
          await thawed();
        },
      };
      const election = new LeaderElection(warm.kube(), {
        namespace: STAGING,
        name: "warm-pool",
        identity,
        clock,
        leaseSeconds: 3,
        renewSeconds: 2,
        retrySeconds: 0.3,
      });
      const { controller, log } = warm.controllerWith({ min: 2, max: 2, identity, mayAct: () => election.isLeader() });
      const running = election.run(async (term) => {
        terms += 1;
        while (!term.aborted) {
          await thawed();
          await controller.look(term);
          await systemClock.sleep(50, term).catch(() => undefined);
        }
      }, stop.signal);
      const end = async () => {
        isFrozen = false;
        stop.abort();
        await running;
      };
      warm.ends.push(end);
      const freeze = (frozen: boolean) => void (isFrozen = frozen);
      return { identity, election, log, end, freeze, terms: () => terms };
    });
    const watching = setInterval(() => void warm.living().then(({ length }) => most.push(length)), 50);
    const leader = (others = elections) =>
      eventually(() => Promise.resolve(others.find(({ election }) => election.isLeader())), { what: "a leader" });
    try {
      const first = await leader();
      await warm.free(2);
      first.freeze(true);
      const second = await leader(elections.filter((one) => one !== first));
      const [gone] = await warm.living();
      await client().delete(gone!);
      await warm.free(2);
      first.freeze(false);
      await systemClock.sleep(1_000);
      expect(elections.filter(({ election }) => election.isLeader())).toEqual([second]);
      await second.end();
      const third = await leader(elections.filter((one) => one !== second));
      const [again] = await warm.living();
      await client().delete(again!);
      await warm.free(2);
      expect(third.terms()).toBeGreaterThan(0);
    } finally {
      clearInterval(watching);
    }
    // Two that live; a deleted one is replaced, and never doubly.
    expect(Math.max(...most)).toBe(2);
    expect(elections.flatMap(({ log }) => log.filter(({ event }) => event === "pod.created"))).toHaveLength(4);
  });
});
