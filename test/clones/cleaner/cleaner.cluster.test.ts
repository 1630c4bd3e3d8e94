import { CloneSpec, WordPressClone } from "../../../clones/domain/clone";
import { sharedDatabaseName } from "../../../clones/domain/database";
import { LogEntry } from "../../../clones/cleaner/log";
import { cleanOnce } from "../../../clones/cleaner/once";
import { Reaper } from "../../../clones/cleaner/reaper";
import { SharedSchemas } from "../../../clones/cleaner/schemas";
import { CleanerWatch } from "../../../clones/cleaner/watcher";
import { Clock } from "../../../clones/provisioner/clock";
import { Kube } from "../../../clones/provisioner/kube";
import { CloneProvisioner } from "../../../clones/provisioner/provisioner";
import { watchClones } from "../../../clones/provisioner/watch";
import { CLONE_CREDENTIALS, CLONE_LABELS } from "../../../constructs/contract";
import { eventually } from "../../cluster";
import { describeWithClones, STAGING } from "../../support/clone-cluster";
import { finalizer, finisher, RecordedDatabase, remains, ROOMY, shiftedClock } from "../support";

describeWithClones("the cleaner on a real KRO", ROOMY, (cluster) => {
  const kube = () => new Kube(cluster().config);
  const provisioner = (clock?: Clock) =>
    new CloneProvisioner(kube(), { namespace: STAGING, finish: finisher(kube()), ...(clock && { clock }) });
  const make = (customerId: string, spec: Partial<CloneSpec> = {}) =>
    provisioner().createClone({ customerId, ttlSeconds: 600, ...spec });

  function cleaner(clock: Clock, sharedDatabase = new RecordedDatabase()) {
    const log: LogEntry[] = [];
    const write = (entry: LogEntry) => void log.push(entry);
    const schemas = new SharedSchemas(kube(), sharedDatabase);
    const reaper = new Reaper(kube(), finalizer(kube(), { sharedDatabase }, clock), clock, write, schemas);
    const once = (more = {}) =>
      cleanOnce(kube(), reaper, clock, (entry) => log.push(entry), { namespaces: [STAGING], ...more });
    const said = (event: string) => log.filter((entry) => entry.event === event).map((entry) => entry.clone);
    return { log, reaper, once, said, sharedDatabase };
  }

  it("[KRO-03] [CLONE-08] ends what is due, oldest first, a page at a time, and leaves nothing of it", async () => {
    const short = await make("short", { ttlSeconds: 300 });
    const shorter = await make("shorter", { ttlSeconds: 100, database: "sidecar" });
    const long = await make("long", { ttlSeconds: 3600 });
    const shared = await provisioner().getClone(short.id);
    const { once, said, sharedDatabase } = cleaner(shiftedClock(400));

    expect(await once({ pageSize: 1 })).toEqual({ ended: 2, pending: 0, failed: 0 });
    expect(said("clone.deleted")).toEqual([shorter.id, short.id]);
    expect(sharedDatabase.dropped).toEqual([sharedDatabaseName(shared.metadata.uid)]);
    expect(await remains(cluster().client, short.id, "short")).toEqual([]);
    expect(await remains(cluster().client, shorter.id, "shorter")).toEqual([]);
    expect((await provisioner().getClone(long.id)).metadata.deletionTimestamp).toBeUndefined();
    expect(await once()).toEqual({ ended: 0, pending: 0, failed: 0 });
    await provisioner().deleteClone(long.id);
  });

  it("[KRO-07] [CLONE-10] makes the schema that a clone on the shared server waits for, with the password of its Secret", async () => {
    const { id } = await make("tables", { ttlSeconds: 600 });
    const none = await make("none", { ttlSeconds: 600, database: "sqlite" });
    const { metadata } = await provisioner().getClone(id);
    const secret = await kube().secret(STAGING, `${id}-${CLONE_CREDENTIALS.ending}`);
    const { once, sharedDatabase } = cleaner(shiftedClock(0));
    await once();
    // Not again by the same process.
    await once();
    const password = secret?.[CLONE_CREDENTIALS.keys.databasePassword];
    expect(password).toMatch(/^[0-9a-f]{40}$/);
    expect(sharedDatabase.made).toEqual([[sharedDatabaseName(metadata.uid), password]]);
    await Promise.all([id, none.id].map(async (name) => await provisioner().deleteClone(name)));
  });

  it("[KRO-04] leaves a clone alone that was extended at the last second", async () => {
    const { id, expiresAt } = await make("extended", { ttlSeconds: 300 });
    // A clock that stands there: on a busy machine the second would be over before the request is made.
    const lastSecond = { ...shiftedClock(0), now: () => new Date(expiresAt.getTime() - 1000) };
    await provisioner(lastSecond).extendClone(id, 900);
    const { once, said } = cleaner(shiftedClock(310));
    expect(await once()).toEqual({ ended: 0, pending: 0, failed: 0 });
    expect(said("clone.deleted")).toEqual([]);
    await provisioner().deleteClone(id);
  });

  it("[KRO-04] lets an extension win that comes between its look and its deletion", async () => {
    const { id } = await make("racing", { ttlSeconds: 300 });
    const seen = await provisioner().getClone(id);
    await provisioner().extendClone(id, 900);
    const { reaper, said } = cleaner(shiftedClock(310));

    expect(await reaper.attend(seen)).toBe("living");
    expect(said("clone.extended")).toEqual([id]);
    expect((await provisioner().getClone(id)).metadata.deletionTimestamp).toBeUndefined();
    await provisioner().deleteClone(id);
  });

  it("[KRO-04] lets one of them win, extension or cleaner, whenever both come at once", async () => {
    const ids = await Promise.all(Array.from({ length: 6 }, (_, index) => make(`both-${index}`, { ttlSeconds: 300 })));
    const { reaper } = cleaner(shiftedClock(310));
    const outcomes = await Promise.all(
      ids.map(async ({ id }) => {
        const [fate, extended] = await Promise.all([
          reaper.attendNow(STAGING, id),
          // For the extension it is not over yet: clocks differ.
          provisioner()
            .extendClone(id, 900)
            .catch((error: unknown) => (error as { code: string }).code),
        ]);
        return { id, fate, extended: typeof extended === "string" ? extended : "extended" };
      }),
    );
    for (const { id, fate, extended } of outcomes) {
      const clone = await provisioner()
        .getClone(id)
        .catch(() => undefined);
      const ending = clone?.metadata.deletionTimestamp !== undefined;
      // Extended first and lives, or deleted first and its extension was refused. Never both.
      expect({ id, fate, extended }).toEqual(
        ending ? { id, fate: "ending", extended: "CLONE_ENDED" } : { id, fate: "living", extended: "extended" },
      );
      await provisioner().deleteClone(id);
    }
  });

  it("[CLONE-14] is content to run twice at once: everything ends, and nothing fails", async () => {
    const made = await Promise.all(["one", "two", "three"].map((name) => make(`twice-${name}`, { ttlSeconds: 100 })));
    const [first, second] = [cleaner(shiftedClock(200)), cleaner(shiftedClock(200))];
    const summaries = await Promise.all([first.once(), second.once()]);
    expect(summaries.map(({ failed, pending }) => failed + pending)).toEqual([0, 0]);
    for (const { id } of made) expect(await remains(cluster().client, id, "twice")).toEqual([]);
    for (const { id } of made)
      expect([...first.said("clone.finished"), ...second.said("clone.finished")]).toContain(id);
  });

  it("[CLONE-14] keeps the finalizer while the shared database can't be reached, says why, and goes on later", async () => {
    const { id } = await make("stubborn", { ttlSeconds: 100 });
    const { once, log, sharedDatabase } = cleaner(shiftedClock(200));
    sharedDatabase.failure = "connect ECONNREFUSED";
    expect(await once()).toMatchObject({ failed: 1 });
    expect(log).toContainEqual(expect.objectContaining({ level: "error", clone: id, reason: "connect ECONNREFUSED" }));
    expect((await provisioner().getClone(id)).metadata.finalizers).toEqual([CLONE_LABELS.finalizer]);

    sharedDatabase.failure = undefined;
    expect(await once()).toEqual({ ended: 1, pending: 0, failed: 0 });
    expect(sharedDatabase.dropped).toHaveLength(1);
    expect(await remains(cluster().client, id, "stubborn")).toEqual([]);
  });

  it("[WARM-07] gives a warm clone Service and Ingress, and takes its pod away with it", async () => {
    const { client } = cluster();
    const pod = { apiVersion: "v1", kind: "Pod", metadata: { name: "warm-1", namespace: STAGING } };
    await client.create({ ...pod, spec: { containers: [{ name: "wordpress", image: "example/warm:1" }] } });
    const making = make("warm", { warmPod: "warm-1" });
    const named = await eventually(
      async () => (await provisioner().listClones({ customerId: "warm" })).clones[0]?.metadata.name,
      { what: "the warm clone" },
    );
    await client.merge(pod, { metadata: { labels: { [CLONE_LABELS.clone]: named } } });
    const { id } = await making;
    expect(await client.list("batch/v1", "Job", STAGING, `${CLONE_LABELS.clone}=${id}`)).toEqual([]);

    expect(await cleaner(shiftedClock(700)).once()).toEqual({ ended: 1, pending: 0, failed: 0 });
    await eventually(async () => (await client.find(pod)) === undefined, { what: "the end of the warm pod" });
    expect(await remains(client, id, "warm")).toEqual([]);
  });

  it("[KRO-03] ends clones on the second while it watches", async () => {
    const { id, expiresAt } = await make("watched", { ttlSeconds: 600 });
    // In this clock the clone has three seconds left.
    const clock = shiftedClock((expiresAt.getTime() - Date.now()) / 1000 - 3);
    const { reaper, log } = cleaner(clock);
    const stop = new AbortController();
    const events = watchClones(kube(), { namespace: STAGING }, clock, stop.signal);
    const deletedAt: number[] = [];
    const attendNow = async (namespace: string, name: string) => {
      const begun = clock.now().getTime();
      const fate = await reaper.attendNow(namespace, name);
      // It is attended to before as well: it needs a schema.
      if (fate !== "living") deletedAt.push(begun);
      return fate;
    };
    const isDue = reaper.isDue.bind(reaper);
    const watching = new CleanerWatch({ attendNow, isDue }, clock).run(events, stop.signal);
    await eventually(async () => (await remains(cluster().client, id, "watched")).length === 0, { what: "its end" });
    stop.abort();
    await watching;

    expect(log.map(({ event }) => event)).toEqual(["clone.deleted", "clone.finished"]);
    expect(deletedAt[0]! - expiresAt.getTime()).toBeGreaterThanOrEqual(0);
    expect(deletedAt[0]! - expiresAt.getTime()).toBeLessThan(1_000);
  });

  it("[KRO-03] ends the Job's pods by its own deadline where no cleaner runs", async () => {
    const { client } = cluster();
    const { id } = await make("alone", { ttlSeconds: 60 });
    const selector = `${CLONE_LABELS.clone}=${id}`;
    await eventually(async () => (await client.list("v1", "Pod", STAGING, selector)).length === 0, {
      what: "the end of the pods",
      timeoutMs: 120_000,
    });
    const clone: WordPressClone = await provisioner().getClone(id);
    expect(clone.metadata.deletionTimestamp).toBeUndefined();
    expect(Date.now()).toBeGreaterThan(new Date(clone.metadata.creationTimestamp).getTime() + 60_000);
    expect(await cleaner(shiftedClock(0)).once()).toEqual({ ended: 1, pending: 0, failed: 0 });
    expect(await remains(client, id, "alone")).toEqual([]);
  });
});
