import { ApiError, describeWithCluster, eventually, KubeObject } from "../../../cluster";
import type { BoundKro } from "../../../support/bound-kro";
import { copyObject, endPodOf, installCopies, jobOf, LOOMWORKS, resetQuota } from "../../../support/copy-cluster";

const REFUSED = JSON.stringify({ result: "refused", code: "COPY_NO_SPACE", reason: "3 of 5 GB are free" });

describeWithCluster("The kind OdooCopy", { own: true, nodes: 0, controllers: ["kro"], volumes: false }, (cluster) => {
  const client = () => cluster().client;
  let kro: BoundKro | undefined;
  beforeAll(async () => void (kro = await installCopies(cluster())), 240_000);
  afterAll(() => kro?.stop());
  beforeEach(() => resetQuota(cluster()));

  const phaseOf = (copy: KubeObject, phase: string) =>
    eventually(
      async () => {
        const found = await client().get(copy);
        if (found.status?.phase !== phase) throw new Error(JSON.stringify(found.status));
        return found;
      },
      { what: `${copy.metadata.name} ${phase}`, timeoutMs: 60_000 },
    );
  const there = (object: KubeObject) =>
    eventually(() => client().find(object), { what: `${object.kind} ${object.metadata.name}`, timeoutMs: 60_000 });
  const gone = (object: KubeObject) =>
    eventually(async () => (await client().find(object)) === undefined, {
      what: `the end of ${object.kind} ${object.metadata.name}`,
      timeoutMs: 60_000,
    });
  const end = (copy: KubeObject) => client().merge(copy, { spec: { ended: true } });

  it("becomes a Job that makes the copy, is ready with it, and becomes another one that removes it when it ends", async () => {
    const copy = copyObject();
    await client().create(copy);
    const { spec } = await there(jobOf(copy, "create"));
    const [container] = spec.template.spec.containers;
    const env = Object.fromEntries(
      container.env.map(({ name, value }: { name: string; value: string }) => [name, value]),
    );
    expect(env).toMatchObject({ ACTION: "create", SOURCE: "acme", COPY: copy.metadata.name });
    expect(env.EXPIRES_AT).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    expect(spec.podFailurePolicy.rules[0]).toMatchObject({ action: "FailJob" });
    expect((await phaseOf(copy, "Creating")).status.ready).toBe(false);

    await endPodOf(client(), jobOf(copy, "create"), 0);
    const { status } = await phaseOf(copy, "Ready");
    expect(status).toMatchObject({ ready: true, failed: false, url: `https://${copy.metadata.name}.loomworks.app` });
    expect(await client().find(jobOf(copy, "remove"))).toBeUndefined();

    await end(copy);
    const removal = await there(jobOf(copy, "remove"));
    expect(JSON.stringify(removal.spec.template.spec.containers[0].env)).toContain(
      '{"name":"ACTION","value":"remove"}',
    );
    await gone(jobOf(copy, "create"));
    await phaseOf(copy, "Removing");
    await endPodOf(client(), jobOf(copy, "remove"), 0);
    await phaseOf(copy, "Removed");
    await client().delete(copy);
    await gone(copy);
    const left = (await client().list("batch/v1", "Job", LOOMWORKS)).concat(
      await client().list("v1", "Pod", LOOMWORKS),
    );
    expect(left.map(({ metadata }) => metadata.name).filter((name) => name.startsWith(copy.metadata.name))).toEqual([]);
  });

  it("says why it failed, in the words of its pod and of Kubernetes, and isn't tried again where that helps nobody", async () => {
    const copy = copyObject();
    await client().create(copy);
    await endPodOf(client(), jobOf(copy, "create"), 2, REFUSED);
    const { status } = await phaseOf(copy, "Failed");
    expect(status).toMatchObject({ ready: false, failed: true, report: REFUSED });
    expect(status.reason).toMatch(/exit code 2|FailJob/);
    await end(copy);
    await endPodOf(client(), jobOf(copy, "remove"), 0);
    await phaseOf(copy, "Removed");
    await client().delete(copy);
  });

  it("stops what makes it before anything is removed", async () => {
    const copy = copyObject();
    await client().create(copy);
    await there(jobOf(copy, "create"));
    await phaseOf(copy, "Creating");
    await end(copy);
    await gone(jobOf(copy, "create"));
    const { metadata } = await there(jobOf(copy, "remove"));
    const pods = await client().list("v1", "Pod", LOOMWORKS);
    const making = pods.filter(
      ({ metadata: { labels } }) => labels?.["job-name"] === jobOf(copy, "create").metadata.name,
    );
    expect(making.map((pod) => pod.metadata.creationTimestamp)).toEqual([]);
    expect(metadata.labels).toMatchObject({ "loomworks.app/copy": copy.metadata.name });
    await endPodOf(client(), jobOf(copy, "remove"), 0);
    await phaseOf(copy, "Removed");
    await client().delete(copy);
  });

  it("isn't deleted before database and files are gone, nor is its end taken back", async () => {
    const copy = copyObject();
    await client().create(copy);
    await phaseOf(copy, "Creating");
    await expect(client().delete(copy)).rejects.toThrow(/nobody would know any more/);
    await end(copy);
    await expect(client().merge(copy, { spec: { ended: false } })).rejects.toThrow(/spec.ended/);
    await endPodOf(client(), jobOf(copy, "remove"), 0);
    await phaseOf(copy, "Removed");
    await client().delete(copy);
  });

  it.each<[string, KubeObject, RegExp]>([
    ["a source that is no name", copyObject({ source: "acme; DROP" }), /spec.source/],
    ["a source with capitals", copyObject({ source: "Acme" }), /spec.source/],
    ["PostgreSQL's own database", copyObject({ source: "postgres" }), /no tenant's database/],
    ["a copy's copy", copyObject({ source: "copy-000000000000000000000001" }), /no tenant's database/],
    ["a name that may be a tenant's", copyObject({}, "acme-test"), /metadata.name/],
    ["an end without a zone", copyObject({ expiresAt: "2030-01-01T00:00:00" }), /spec.expiresAt/],
    ["too late an end", copyObject({ expiresAt: "2099-01-01T00:00:00Z" }), /14 days at the most/],
    ["no end", copyObject({ expiresAt: undefined }), /expiresAt/],
  ])("refuses %s", async (_, copy, why) => {
    const refused = await client()
      .create(copy)
      .catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(ApiError);
    expect((refused as ApiError).message).toMatch(why);
  });

  it("isn't given another source", async () => {
    const copy = copyObject();
    await client().create(copy);
    await expect(client().merge(copy, { spec: { source: "other" } })).rejects.toThrow(/immutable|source/);
    await end(copy);
    await endPodOf(client(), jobOf(copy, "remove"), 0);
    await phaseOf(copy, "Removed");
    await client().delete(copy);
  });

  it("refuses KRO nothing that it asked for", () => {
    expect(kro!.log()).toContain("OdooCopy");
    expect(kro!.log().match(/[^\n]*forbidden[^\n]*/gi) ?? []).toEqual([]);
  });
});
