import { CleanerWatch } from "../../../clones/cleaner/watcher";
import { Reaper } from "../../../clones/cleaner/reaper";
import { Kube } from "../../../clones/provisioner/kube";
import { CloneProvisioner } from "../../../clones/provisioner/provisioner";
import { systemClock } from "../../../clones/provisioner/clock";
import { watchClones } from "../../../clones/provisioner/watch";
import { eventually } from "../../cluster";
import { clone as cloneObject, describeWithClones, STAGING } from "../../support/clone-cluster";
import { CuttingProxy } from "../../support/clone-proxy";
import { finalizer, finisher, remains, ROOMY, shiftedClock } from "../support";

const POST_CLONE = /^POST \S+\/wordpressclones\?/;
const WATCH = /^GET \S+\/wordpressclones\?.*watch=true/;

describeWithClones("clones over a connection that breaks", ROOMY, (cluster) => {
  let proxy: CuttingProxy;
  /** Ends what a failed test would leave running. */
  let end: AbortController;
  beforeEach(async () => {
    proxy = await CuttingProxy.start(cluster().config);
    end = new AbortController();
  });
  afterEach(async () => {
    end.abort();
    await proxy.stop();
  });

  const provisionerOf = (kube: Kube) =>
    new CloneProvisioner(kube, {
      namespace: STAGING,
      finish: finisher(kube),
      database: "sidecar",
      deadlineSeconds: { dedicated: 120, others: 60 },
    });
  const throughProxy = () => provisionerOf(new Kube(proxy.config));
  const direct = () => provisionerOf(new Kube(cluster().config));
  const clonesOf = async (customerId: string) => (await direct().listClones({ customerId })).clones;

  it.each<[string, RegExp, string]>([
    ["the clone", POST_CLONE, "lost-clone"],
    ["the claim of its host", /^POST \S+\/leases\?/, "lost-lease"],
  ])("[CLONE-14] goes on with what was made when the answer to making %s is lost", async (_, request, customerId) => {
    proxy.cut(request, "before the answer", 2);
    const { id } = await throughProxy().createClone({ customerId, ttlSeconds: 600 });
    expect(proxy.cuts).toHaveLength(2);
    expect((await clonesOf(customerId)).map(({ metadata }) => metadata.name)).toEqual([id]);
    await throughProxy().deleteClone(id);
    expect(await remains(cluster().client, id, customerId)).toEqual([]);
  });

  it("[KRO-12] takes a clone back when the answers to taking it back are lost", async () => {
    const asker = new AbortController();
    const making = throughProxy().createClone({ customerId: "lost-end", image: "example/never-ready:1" }, asker.signal);
    making.catch(() => undefined);
    const [made] = await eventually(
      async () => (await clonesOf("lost-end")).length > 0 && (await clonesOf("lost-end")),
      {
        what: "the clone",
      },
    );
    proxy.cut(/^DELETE \S+\/wordpressclones\//, "before the answer", 2);
    asker.abort();
    await expect(making).rejects.toMatchObject({
      code: "CLONE_CANCELLED",
      message: expect.stringContaining("Nothing"),
    });
    expect(proxy.cuts).toHaveLength(2);
    expect(await remains(cluster().client, made!.metadata.name, "lost-end")).toEqual([]);
  });

  it("[CLONE-14] tells the name of a clone that may exist when the server stays away", async () => {
    proxy.cut(POST_CLONE, "before the answer");
    const making = throughProxy().createClone({ customerId: "nobody-knows" });
    making.catch(() => undefined);
    await eventually(() => proxy.cuts.length === 1, { what: "the cut", intervalMs: 5 });
    proxy.down();
    const error = await making.catch((caught: unknown) => caught);
    const [made] = await clonesOf("nobody-knows");
    expect(error).toMatchObject({ code: "CLONE_UNCERTAIN", message: expect.stringContaining(made!.metadata.name) });
    await direct().deleteClone(made!.metadata.name);
    expect(await remains(cluster().client, made!.metadata.name, "nobody-knows")).toEqual([]);
  });

  it("[KRO-08] makes a clone though its watch is cut in the middle of an event, again and again", async () => {
    proxy.cut(WATCH, "in its middle", 3);
    const { id } = await throughProxy().createClone({ customerId: "cut-watch" });
    expect(proxy.cuts).toHaveLength(3);
    await throughProxy().deleteClone(id);
  });

  it("[KRO-08] sees each change once, in order, over a watch that is cut in all ways", async () => {
    const seen = (kube: Kube) => {
      const events: string[] = [];
      const follow = async () => {
        for await (const event of watchClones(kube, { namespace: STAGING }, systemClock, end.signal)) {
          if (event.type === "all") events.push(`all ${event.clones.length}`);
          else events.push(`${event.type} ${event.clone.metadata.name} ${event.clone.metadata.resourceVersion}`);
        }
      };
      return { events, done: follow() };
    };
    const [cut, whole] = [seen(new Kube(proxy.config)), seen(new Kube(cluster().config))];
    await eventually(() => cut.events.length === 1 && whole.events.length === 1, { what: "both at their beginning" });
    proxy.cut(WATCH, "in its middle", 5);
    const names = ["a", "b", "c", "d", "e", "f"];
    for (const name of names) {
      await cluster().client.create(cloneObject(`seen-${name}`, { customerId: `seen-${name}`, database: "sidecar" }));
      if (name === "c") proxy.down();
      if (name === "d") proxy.up();
      if (name === "e") proxy.drop(WATCH);
    }
    for (const name of names) {
      const asked = cloneObject(`seen-${name}`);
      await eventually(async () => (await cluster().client.get(asked)).status?.ready === true, { what: name });
      await cluster().client.delete(asked);
    }
    const gone = (events: string[]) => events.filter((event) => event.startsWith("gone ")).length;
    await eventually(() => gone(whole.events) === names.length && gone(cut.events) === names.length, {
      what: "the end of all",
      timeoutMs: 60_000,
    });
    end.abort();
    await Promise.all([cut.done, whole.done]);
    expect(proxy.cuts.length).toBeGreaterThanOrEqual(5);
    expect(cut.events).toEqual(whole.events);
    expect(whole.events.length).toBeGreaterThan(names.length * 4);
  }, 120_000);

  it("[KRO-03] ends clones on the second that were made or deleted while the cleaner's watch was cut", async () => {
    const deleted = await direct().createClone({ customerId: "deleted-meanwhile", ttlSeconds: 3600 });
    // In this clock a clone of 600 seconds has eight to live.
    const clock = shiftedClock(592);
    const kube = new Kube(proxy.config);
    const reaper = new Reaper(kube, finalizer(kube, {}, clock), clock, () => undefined);
    const looks = new Map<string, number>();
    const attendNow = async (namespace: string, name: string) => {
      if (!looks.has(name)) looks.set(name, clock.now().getTime());
      return await reaper.attendNow(namespace, name);
    };
    const events = watchClones(kube, { namespace: STAGING }, clock, end.signal);
    const isDue = reaper.isDue.bind(reaper);
    const watching = new CleanerWatch({ attendNow, isDue }, clock).run(events, end.signal);
    await eventually(() => proxy.requests.some((line) => WATCH.test(line)), { what: "the watch" });

    proxy.down();
    const asked = direct().createClone({ customerId: "made-meanwhile", ttlSeconds: 600 });
    await direct().deleteClone(deleted.id, { wait: false });
    const made = await asked;
    expect(looks.size).toBe(0);
    proxy.up();

    const nothingLeft = async (name: string, customerId: string) =>
      (await remains(cluster().client, name, customerId)).length === 0;
    await eventually(() => nothingLeft(made.id, "made-meanwhile"), { what: "the end of what was made" });
    await eventually(() => nothingLeft(deleted.id, "deleted-meanwhile"), { what: "the end of what was deleted" });
    end.abort();
    await watching;
    const late = looks.get(made.id)! - made.expiresAt.getTime();
    expect(late).toBeGreaterThanOrEqual(0);
    expect(late).toBeLessThan(2_000);
  }, 90_000);
});
