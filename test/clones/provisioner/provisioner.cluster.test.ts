import { CLONE_LABELS } from "../../../constructs/contract";
import { sharedDatabaseName } from "../../../clones/domain/database";
import { isCloneId } from "../../../clones/domain/clone-id";
import { Kube } from "../../../clones/provisioner/kube";
import { CloneProvisioner, ProvisionerOptions } from "../../../clones/provisioner/provisioner";
import { systemClock } from "../../../clones/provisioner/clock";
import { ClusterClient, eventually, events } from "../../cluster";
import { answerAsAck, available, clone as cloneObject, describeWithClones, STAGING } from "../../support/clone-cluster";
import { finisher, remains, ROOMY, shiftedClock } from "../support";

describeWithClones("the provisioner on a real KRO", ROOMY, (cluster) => {
  const client = (): ClusterClient => cluster().client;
  const kube = () => new Kube(cluster().config);
  const provisioner = (options: Partial<ProvisionerOptions> = {}) =>
    new CloneProvisioner(kube(), {
      namespace: STAGING,
      finish: finisher(kube()),
      deadlineSeconds: { dedicated: 120, others: 60 },
      ...options,
    });
  /** The clone of a customer, as soon as there is one. */
  const cloneOf = (customerId: string) =>
    eventually(async () => (await provisioner().listClones({ customerId })).clones[0], {
      what: `clone of ${customerId}`,
    });

  it("[KRO-08] creates a clone, waits until it serves, answers with address, credentials and end, and deletes it", async () => {
    const clones = provisioner();
    const asked = Date.now();
    const ready = await clones.createClone({ customerId: "acme", ttlSeconds: 600 });

    expect(isCloneId(ready.id)).toBe(true);
    expect(ready.url).toBe("https://acme.clones.betaweb.ai");
    expect(ready.credentials.password).toMatch(/^[0-9a-f]{40}$/);
    expect(ready.credentials.apiKey).toMatch(/^[0-9a-f]{40}$/);
    expect(Math.abs(ready.expiresAt.getTime() - asked - 600_000)).toBeLessThan(5_000);
    const clone = await clones.getClone(ready.id);
    expect(clone.status?.expiresAt).toBe(ready.expiresAt.toISOString().replace(".000Z", "Z"));
    // The cleaner computes the schema's name; the graph gave it to the pod.
    expect(clone.status).toHaveProperty("databaseName", sharedDatabaseName(clone.metadata.uid));

    expect(await clones.deleteClone(ready.id)).toBe(true);
    expect(await remains(client(), ready.id, "acme")).toEqual([]);
    expect(await clones.deleteClone(ready.id)).toBe(false);
    await expect(clones.getClone(ready.id)).rejects.toMatchObject({ code: "CLONE_NOT_FOUND" });
  });

  it("[KRO-09] makes 61 clones of 61 requests in one second, each with an id of its own", async () => {
    const now = new Date();
    const clones = provisioner({
      clock: { ...systemClock, now: () => now },
      database: "sidecar",
      deadlineSeconds: { dedicated: 240, others: 240 },
    });
    const requests = Array.from({ length: 61 }, (_, index) => clones.createClone({ customerId: `many-${index}` }));
    const ids = (await Promise.all(requests)).map(({ id }) => id);

    expect(new Set(ids).size).toBe(61);
    expect(ids.filter((id) => id.length === "clone-20260205-143022".length)).toHaveLength(1);
    expect(ids.every(isCloneId)).toBe(true);
    const pages = await listInPages(clones, 25);
    expect(pages.map((page) => page.length)).toEqual([25, 25, 11]);
    expect(new Set(pages.flat())).toEqual(new Set(ids));
    expect((await clones.listClones({ customerId: "many-7" })).clones).toHaveLength(1);
    await Promise.all(ids.map((id) => clones.deleteClone(id)));
    expect((await clones.listClones()).clones).toEqual([]);
  });

  it("[CLONE-09] gives a host to one clone at a time, and says who has it", async () => {
    const clones = provisioner();
    const attempts = await Promise.allSettled([1, 2, 3].map(() => clones.createClone({ customerId: "wanted" })));
    const made = attempts.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
    const refused = attempts.flatMap((one) => (one.status === "rejected" ? [one.reason] : []));

    expect(made).toHaveLength(1);
    for (const error of refused) {
      expect(error).toMatchObject({ code: "CLONE_HOST_TAKEN" });
      expect(error.message).toContain(made[0]!.id);
    }
    await clones.deleteClone(made[0]!.id);
    await expect(clones.createClone({ customerId: "wanted" })).resolves.toMatchObject({ url: made[0]!.url });
  });

  it("[CLONE-14] takes over a host whose claim outlived its maker, after its grace and not before", async () => {
    const lease = {
      apiVersion: "coordination.k8s.io/v1",
      kind: "Lease",
      metadata: { name: "host-left", namespace: STAGING },
    };
    const acquireTime = new Date().toISOString().replace("Z", "000Z");
    const spec = { holderIdentity: "clone-20200101-000000", acquireTime, leaseDurationSeconds: 60 };
    await client().create({ ...lease, spec });
    await expect(provisioner().createClone({ customerId: "left" })).rejects.toMatchObject({ code: "CLONE_HOST_TAKEN" });

    const later = provisioner({ clock: shiftedClock(61) });
    const { id } = await later.createClone({ customerId: "left" });
    expect((await client().get(lease)).spec.holderIdentity).toBe(id);
    await later.deleteClone(id);
    expect(await client().find(lease)).toBeUndefined();
  });

  it("[KRO-12] takes back a clone whose image can't be pulled, and says so", async () => {
    const making = provisioner({ deadlineSeconds: { dedicated: 1, others: 8 } }).createClone({
      customerId: "no-image",
      image: "example/never-ready:1",
    });
    making.catch(() => undefined);
    const clone = await cloneOf("no-image");
    await failToPull(clone.metadata.name, "example/never-ready:1");

    const error = await making.catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: "CLONE_DEADLINE" });
    expect(String(error)).toMatch(
      /8 s.*example\/never-ready:1 can't be pulled \(ImagePullBackOff\).*Nothing of it was left/s,
    );
    expect(await remains(client(), clone.metadata.name, "no-image")).toEqual([]);
  });

  it("[KRO-12] takes back a clone that finds the quota full, and says so", async () => {
    const quota = { apiVersion: "v1", kind: "ResourceQuota", metadata: { name: "full", namespace: STAGING } };
    await client().create({ ...quota, spec: { hard: { pods: "0" } } });
    await eventually(async () => (await client().get(quota)).status?.hard?.pods === "0", { what: "quota in force" });
    const error = await provisioner({ deadlineSeconds: { dedicated: 1, others: 8 } })
      .createClone({ customerId: "no-room" })
      .catch((caught: unknown) => caught);
    await client().delete(quota);

    expect(error).toMatchObject({ code: "CLONE_DEADLINE" });
    expect(String(error)).toMatch(/exceeded quota: full/);
    expect(await remains(client(), "", "no-room")).toEqual([]);
  });

  it("[KRO-12] takes back a clone whose DBInstance is refused, at once, and says so", async () => {
    const making = provisioner().createClone({ customerId: "no-rds", useDedicatedDatabase: true });
    making.catch(() => undefined);
    const { metadata } = await cloneOf("no-rds");
    const message = "InstanceQuotaExceeded: 40 is the limit";
    await answerAsAck(client(), cloneObject(metadata.name), {
      conditions: [{ type: "ACK.Terminal", status: "True", message }],
    });

    const error = await making.catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: "CLONE_FAILED" });
    expect(String(error)).toContain(message);
    expect(await remains(client(), metadata.name, "no-rds")).toEqual([]);
  });

  it("[KRO-08] waits for a dedicated database as long as it takes", async () => {
    const making = provisioner().createClone({ customerId: "own-rds", database: "dedicated" });
    making.catch(() => undefined);
    const { metadata } = await cloneOf("own-rds");
    await answerAsAck(client(), cloneObject(metadata.name), available("own-rds.example.com"));
    await expect(making).resolves.toMatchObject({ id: metadata.name });
    await provisioner().deleteClone(metadata.name);
    expect(await remains(client(), metadata.name, "own-rds")).toEqual([]);
  });

  it("[KRO-12] takes back a clone whose asker gave up", async () => {
    const asker = new AbortController();
    const making = provisioner().createClone({ customerId: "gone", image: "example/never-ready:1" }, asker.signal);
    making.catch(() => undefined);
    const { metadata } = await cloneOf("gone");
    asker.abort();
    await expect(making).rejects.toMatchObject({ code: "CLONE_CANCELLED" });
    expect(await remains(client(), metadata.name, "gone")).toEqual([]);
  });

  it("tells in the server's words why it refused a clone, and keeps no claim", async () => {
    const refused = provisioner().createClone({ customerId: "odd", database: "mongo" as never });
    await expect(refused).rejects.toMatchObject({
      code: "CLONE_REFUSED",
      message: expect.stringContaining("supported values"),
    });
    for (const ttlSeconds of [0, 59, 604_801, Number.NaN]) {
      const short = provisioner().createClone({ customerId: "odd", ttlSeconds });
      await expect(short).rejects.toMatchObject({ code: "CLONE_TTL", message: expect.stringContaining("604800") });
    }
    expect(await remains(client(), "", "odd")).toEqual([]);
  });

  it("[KRO-10] fills load balancers evenly, and refuses a clone that none could take", async () => {
    const clones = provisioner({
      albGroups: { count: 2, limit: 1 },
      routing: "path",
      deadlineSeconds: { dedicated: 9, others: 60 },
    });
    const making = ["first", "second"].map((customerId) => clones.createClone({ customerId }));
    for (const customerId of ["first", "second"]) await answerAsLoadBalancer((await cloneOf(customerId)).metadata.name);
    const made = await Promise.all(making);

    const groups = await Promise.all(made.map(async ({ id }) => (await clones.getClone(id)).spec.albGroup));
    expect(groups).toEqual([0, 1]);
    // Of another process, which chose while these weren't there: it sees that its group is too full, and withdraws.
    const blind = provisioner({ albGroups: { count: 1, limit: 1 }, routing: "path" });
    jest.spyOn(blind as any, "takenGroups").mockResolvedValueOnce([]);
    await expect(blind.createClone({ customerId: "blind" })).rejects.toMatchObject({ code: "CLONE_GROUPS_FULL" });
    expect(await remains(client(), "", "blind")).toEqual([]);
    await expect(clones.createClone({ customerId: "third" })).rejects.toMatchObject({ code: "CLONE_GROUPS_FULL" });
    await Promise.all(made.map(({ id }) => clones.deleteClone(id)));
  });

  it("[KRO-04] extends a life, only upward, within bounds, and not after its end", async () => {
    const clones = provisioner();
    const { id, expiresAt } = await clones.createClone({ customerId: "longer", ttlSeconds: 600 });
    await clones.extendClone(id, 1200);
    const status = await eventually(
      async () => {
        const { status: now } = await clones.getClone(id);
        return now?.expiresAt === new Date(expiresAt.getTime() + 600_000).toISOString().replace(".000Z", "Z") && now;
      },
      { what: "the new end in status" },
    );
    expect(status.ready).toBe(true);
    await expect(clones.extendClone(id, 1200)).rejects.toMatchObject({ code: "CLONE_TTL" });
    await expect(clones.extendClone(id, 604_801)).rejects.toMatchObject({ code: "CLONE_TTL" });
    const late = provisioner({ clock: shiftedClock(1201) });
    await expect(late.extendClone(id, 2400)).rejects.toMatchObject({ code: "CLONE_ENDED" });
    await clones.deleteClone(id);
    await expect(clones.extendClone(id, 2400)).rejects.toMatchObject({ code: "CLONE_NOT_FOUND" });
  });

  async function failToPull(name: string, image: string): Promise<void> {
    const [pod] = await eventually(
      async () => {
        const pods = await client().list("v1", "Pod", STAGING, `${CLONE_LABELS.clone}=${name}`);
        return pods[0]?.status.phase === "Running" && pods;
      },
      { what: "the pod of the Job" },
    );
    const waiting = { reason: "ImagePullBackOff", message: `Back-off pulling image "${image}"` };
    const [main] = pod!.status.containerStatuses;
    const containerStatuses = [{ ...main, ready: false, started: false, image, state: { waiting } }];
    await client().merge(pod!, { status: { containerStatuses } }, "status");
  }

  async function answerAsLoadBalancer(name: string): Promise<void> {
    const ingress = { apiVersion: "networking.k8s.io/v1", kind: "Ingress", metadata: { name, namespace: STAGING } };
    await eventually(() => client().find(ingress), { what: `the Ingress of ${name}` }).catch(async (error: unknown) => {
      throw new Error(`${String(error)}\n${(await events(client(), STAGING)).slice(-20).join("\n")}`);
    });
    const status = { loadBalancer: { ingress: [{ hostname: "alb.example.com" }] } };
    await client().merge(ingress, { status }, "status");
  }
});

async function listInPages(clones: CloneProvisioner, limit: number): Promise<string[][]> {
  const pages: string[][] = [];
  let from: string | undefined;
  do {
    const page = await clones.listClones({ limit, continue: from });
    pages.push(page.clones.map(({ metadata }) => metadata.name));
    from = page.continue;
  } while (from !== undefined);
  return pages;
}
