import { KubernetesBackend } from "../../../clones/backend/kubernetes-backend";
import { BackendRequest } from "../../../clones/workers/backend";
import { CLONE_CREDENTIALS } from "../../../constructs/contract";
import { cloneNotFound, extensionRefused, hostTaken } from "../../../clones/provisioner/errors";
import { FakeClock } from "../fake-clock";
import { cloneObject } from "../objects";

const REQUEST: BackendRequest = { jobId: "job-1", tenantId: "mine", customerId: "acme", ttlSeconds: 600 };
const owned = (tenant: string, job: string, name?: string) =>
  cloneObject(name, { metadata: { labels: { "clones.betaweb.ai/tenant": tenant, "clones.betaweb.ai/job": job } } });

/** A backend on a server that has these clones, and a provisioner that does what it is told. */
function backendWith({
  clones = [] as any[],
  provisioner = {},
  secrets = {} as any,
  address = undefined as string | undefined,
} = {}) {
  const asked: any[] = [];
  const kube = {
    list: (_resource: unknown, namespace: string, query: any) => {
      asked.push({ namespace, ...query });
      const selectors: string[] = (query.labelSelector ?? "")
        .split(",")
        .filter((text: string) => text.includes("tenant=") || text.includes("job="));
      const holds = ({ metadata: { labels = {} } }: any) =>
        selectors.every((selector) => labels[selector.split("=")[0]!] === selector.split("=")[1]);
      return Promise.resolve({ items: clones.filter(holds), metadata: { continue: "next-page" } });
    },
    find: (_resource: unknown, _namespace: string, name: string) =>
      Promise.resolve(clones.find((one) => one.metadata.name === name)),
    secret: (_namespace: string, name: string) => Promise.resolve(secrets[name]),
  };
  const clock = new FakeClock("2026-02-05T14:31:00Z");
  const pool = { addressOf: () => Promise.resolve(address) };
  const backend = new KubernetesBackend(kube as any, provisioner as any, {
    namespace: "wordpress-staging",
    clock,
    warm: { pool: pool as any, adoption: { adopt: () => Promise.resolve() } },
  });
  return { backend, asked, clock, kube };
}

const signal = () => new AbortController().signal;

describe("clones in Kubernetes, as the service sees them", () => {
  it("[CLONE-03] lists a tenant's clones by its label, a page at a time", async () => {
    const { backend, asked } = backendWith({
      clones: [owned("mine", "job-1"), owned("theirs", "job-2", "clone-20260205-143023")],
    });
    const page = await backend.list({ tenantId: "mine", customerId: "acme", limit: 20, cursor: "token" });
    expect(asked).toEqual([
      {
        namespace: "wordpress-staging",
        labelSelector: "clones.betaweb.ai/tenant=mine,clones.betaweb.ai/customer=acme",
        limit: 20,
        continue: "token",
      },
    ]);
    expect(page).toEqual({
      cursor: "next-page",
      clones: [
        {
          id: "clone-20260205-143022",
          tenantId: "mine",
          customerId: "acme",
          jobId: "job-1",
          ready: false,
          ending: false,
          createdAt: new Date("2026-02-05T14:30:22Z"),
          expiresAt: new Date("2026-02-05T15:00:22Z"),
        },
      ],
    });
  });

  it.each(["a,b", "a=b", "a in (b)", "", "!x", "A"])("[CLONE-03] lets no selector in by an id: %p", async (id) => {
    const { backend, asked } = backendWith();
    await expect(backend.list({ tenantId: id, limit: 1 })).rejects.toMatchObject({ code: "CLONE_INVALID" });
    await expect(backend.list({ tenantId: "mine", customerId: id, limit: 1 })).rejects.toMatchObject({
      code: "CLONE_INVALID",
    });
    expect(asked).toEqual([]);
  });

  it("[CLONE-03] refuses a cursor that the server doesn't know, and hides nothing else behind that", async () => {
    const { backend, kube } = backendWith();
    const fail = (statusCode: number) => {
      kube.list = () => Promise.reject(Object.assign(new Error("no"), { statusCode }));
    };
    fail(400);
    const query = { tenantId: "mine", limit: 1, cursor: "nonsense" };
    await expect(backend.list(query)).rejects.toMatchObject({ code: "CLONE_CURSOR", status: 400 });
    fail(500);
    await expect(backend.list(query)).rejects.toThrow("no");
    await expect(backend.check()).rejects.toThrow("no");
  });

  it("[CLONE-03] asks the server for nothing that is no clone's id", async () => {
    const { backend } = backendWith({ clones: [cloneObject("../secrets/x")] });
    expect(await backend.find("../secrets/x")).toBeUndefined();
    expect(await backend.remove("../secrets/x", signal())).toBe(false);
    await expect(backend.extend("../secrets/x", 900)).rejects.toMatchObject({ code: "CLONE_NOT_FOUND", status: 404 });
  });

  it.each([
    ["it isn't there", cloneNotFound("clone-20260205-143022"), 404],
    ["out of range", extensionRefused("clone-20260205-143022", 5, "out-of-range"), 422],
    ["its time is over", extensionRefused("clone-20260205-143022", 5, "over"), 409],
  ])("[CLONE-03] says by HTTP why a clone isn't extended: %s", async (_why, error, status) => {
    const { backend } = backendWith({ provisioner: { extendClone: () => Promise.reject(error) } });
    await expect(backend.extend("clone-20260205-143022", 5)).rejects.toMatchObject({ code: error.code, status });
  });

  it("[CLONE-09] names the clone that has the host to its own tenant, and to nobody else", async () => {
    const refusing = { beginClone: () => Promise.reject(hostTaken("acme", "clone-20260205-143022")) };
    const mine = backendWith({ clones: [owned("mine", "job-0")], provisioner: refusing });
    await expect(mine.backend.create(REQUEST, signal())).rejects.toThrow(/clone-20260205-143022/);
    const theirs = backendWith({ clones: [owned("theirs", "job-0")], provisioner: refusing });
    const error = await theirs.backend.create(REQUEST, signal()).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: "CLONE_HOST_TAKEN" });
    expect(String(error)).not.toMatch(/clone-2026|theirs/);
  });

  it("[CLONE-14] waits a little for a claim on the host that has no clone yet: it may be this job's own", async () => {
    let tries = 0;
    const beginClone = () => ((tries += 1), Promise.reject(hostTaken("acme", "clone-20260205-143022")));
    const { backend, clock } = backendWith({ provisioner: { beginClone } });
    const creating = backend.create(REQUEST, signal());
    creating.catch(() => undefined);
    await clock.step(3_000);
    expect(tries).toBe(4);
    await clock.step(10_000);
    await expect(creating).rejects.toMatchObject({ code: "CLONE_HOST_TAKEN" });
    expect(tries).toBe(5);
  });

  it("[CLONE-14] ends the clone of a job whose warm pod was another one, before it makes the next", async () => {
    const cold = owned("mine", "job-1");
    const clones = [cold];
    const steps: string[] = [];
    const made = cloneObject("clone-20260205-143100", {
      spec: { warmPod: "warm-1" },
      metadata: { labels: { "clones.betaweb.ai/job": "job-1" } },
    });
    const provisioner = {
      deleteClone: (name: string) => {
        clones.length = 0;
        return Promise.resolve(steps.push(`delete ${name}`));
      },
      beginClone: (spec: object, labels: object) => {
        steps.push("make");
        clones.push(made);
        expect(spec).toEqual({
          customerId: "acme",
          ttlSeconds: 600,
          warmPod: "warm-1",
          database: "sidecar",
          routing: "host",
        });
        expect(labels).toEqual({ "clones.betaweb.ai/job": "job-1", "clones.betaweb.ai/tenant": "mine" });
        return Promise.resolve(made);
      },
      finishClone: (clone: unknown) => Promise.resolve(clone),
    };
    const { backend } = backendWith({ clones, provisioner });
    expect((await backend.create({ ...REQUEST, warmPod: "warm-1" }, signal())).id).toBe(made.metadata.name);
    expect(steps).toEqual([`delete ${cold.metadata.name}`, "make"]);
  });

  it("[WARM-07] leads to a warm pod's own address until it is open, with the key that the pod knows", async () => {
    const { keys } = CLONE_CREDENTIALS;
    const clone = cloneObject(undefined, {
      spec: { warmPod: "warm-1" },
      status: { credentialsSecret: "clone-credentials" },
    });
    const secrets = {
      "clone-credentials": { [keys.username]: "u", [keys.password]: "p", [keys.apiKey]: "clone's" },
      "warm-1-credentials": { [keys.apiKey]: "pod's" },
    };
    const provisioner = { getClone: () => Promise.resolve(clone) };
    const accessAt = async (address?: string) => {
      const { backend } = backendWith({ clones: [clone], provisioner, secrets, address });
      return await backend.access({ id: clone.metadata.name } as any);
    };
    const site = { username: "u", password: "p", apiKey: "pod's" };
    expect(await accessAt("10.1.2.3")).toEqual({
      site: { ...site, url: "http://10.1.2.3:8080" },
      username: "u",
      password: "p",
    });
    expect((await accessAt("fd00::1")).site.url).toBe("http://[fd00::1]:8080");
    expect((await accessAt()).site.url).toBe("http://clone-20260205-143022.wordpress-staging.svc");
  });
});
