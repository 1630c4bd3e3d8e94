import { randomBytes } from "node:crypto";
import type { Job, JobType } from "../../../clones/domain/job";
import { newJobId } from "../../../clones/domain/job-id";
import { systemClock } from "../../../clones/provisioner/clock";
import { MemoryQueue } from "../../../clones/queue/memory-queue";
import { openStore, Store } from "../../../clones/store/open";
import { MigrationError } from "../../../clones/migration/site-migrator";
import type { BackendRequest, WarmPods } from "../../../clones/workers/backend";
import { Worker } from "../../../clones/workers/worker";
import { eventually } from "../../cluster/eventually";
import { StandInMigrator, StandInSite } from "../../support/stand-in-site";
import { PLAIN_VAULT } from "./support/engine-bench";
import { CloneRecorder, StandInBackend } from "./support/stand-in-backend";

const ACCESS = { username: "admin", password: "password-of-the-site" };

/** Remembers what was asked of it, and has so many pods. */
class Pods implements WarmPods {
  readonly asked: string[] = [];
  constructor(private free: number) {}
  claim(): Promise<string | undefined> {
    if (this.free < 0) return Promise.reject(new Error("the pool is away"));
    this.asked.push("claim");
    return Promise.resolve((this.free -= 1) >= 0 ? "warm-1" : undefined);
  }
  opened = (pod: string) => Promise.resolve(void this.asked.push(`opened ${pod}`));
  release = (pod: string) => Promise.resolve(void this.asked.push(`release ${pod}`));
}

describe("the service's own jobs", () => {
  let store: Store;
  let queue: MemoryQueue;
  let recorder: CloneRecorder;
  let backend: StandInBackend;
  let site: StandInSite;
  let worker: Worker;
  let requests: BackendRequest[];

  beforeEach(async () => {
    store = openStore("sqlite::memory:");
    await store.migrate();
    queue = new MemoryQueue(systemClock);
    recorder = await CloneRecorder.start();
    backend = new StandInBackend(recorder.url, 0);
    requests = [];
    const create = backend.create.bind(backend);
    jest.spyOn(backend, "create").mockImplementation((request, signal) => {
      requests.push(request);
      return create(request, signal);
    });
    site = await StandInSite.start({ ...ACCESS, content: { "/": "<h1>Shop</h1>", "/mail": "ann@shop.test" } });
  });
  afterEach(async () => {
    await worker.stop(0);
    await queue.close();
    await Promise.all([store.close(), recorder.stop(), site.stop()]);
  });

  async function run(
    type: JobType,
    request: object,
    secrets?: object,
    warmPods?: WarmPods,
    retryDelay: () => number | undefined = () => undefined,
  ): Promise<Job> {
    const deps = { jobs: store.jobs, queue, backend, migrator: new StandInMigrator(), vault: PLAIN_VAULT, warmPods };
    const rest = { clock: systemClock, random: () => 0, log: () => undefined };
    worker = new Worker({ ...deps, ...rest }, { workerId: "worker", retryDelay, undoPauses: [] });
    const id = newJobId(randomBytes);
    const sealed = secrets && `${id}/request|${JSON.stringify(secrets)}`;
    await store.jobs.create({ id, tenantId: "acme", type, request: { ...request }, secrets: sealed });
    await queue.add(id);
    worker.start();
    const look = async () => ((job) => job?.completedAt !== undefined && job)(await store.jobs.find(id));
    return await eventually(look, { what: "its end", timeoutMs: 5_000, intervalMs: 10 });
  }

  const wish = (more: object = {}) => ({ source_url: site.url, customer_id: "shop", ttl_minutes: 45, ...more });
  const only = () => [...recorder.living.values()][0]!;

  describe("clone", () => {
    it("[CLONE-03] copies the source, and answers with id, URL and end, and credentials for its owner alone", async () => {
      const job = await run("clone", wish(), ACCESS);
      const { clone, site: copy } = only();
      const expires_at = clone.expiresAt.toISOString();
      expect(job).toMatchObject({ status: "completed", cloneId: clone.id });
      expect(job.result).toEqual({ clone_id: clone.id, clone_url: clone.url, expires_at });
      expect(clone.expiresAt.getTime() - clone.createdAt.getTime()).toBe(45 * 60_000);
      expect(Math.abs(job.ttlExpiresAt!.getTime() - clone.expiresAt.getTime())).toBeLessThan(1000);
      expect(copy.content).toEqual(site.content);
      expect(await store.jobs.resultSecrets(job.id)).toMatch(/"username":"admin","password":"password-of-the-clone"/);
      expect(await store.jobs.resultSecrets(job.id)).toContain(`"login_url":"${clone.url}/?login=once"`);
      expect(JSON.stringify(job)).not.toMatch(/password-of|login=once/);
    });

    it("anonymizes where that was asked for", async () => {
      await run("clone", wish({ anonymize: true }), ACCESS);
      expect(only().site.content["/mail"]).toMatch(/^[0-9a-f]{12}@example.com$/);
    });

    it("[WARM-06] takes a warm pod, and opens it when its content is there", async () => {
      const pods = new Pods(1);
      expect((await run("clone", wish(), ACCESS, pods)).status).toBe("completed");
      expect(requests.map(({ warmPod }) => warmPod)).toEqual(["warm-1"]);
      expect(pods.asked).toEqual(["claim", "opened warm-1"]);
    });

    it.each([
      ["the pool is empty", 0, {}],
      ["the pool is away", -1, {}],
      ["another database is asked for", 1, { database: "dedicated" }],
    ])("[WARM-06] starts cold when %s; nobody can tell", async (_, free, more) => {
      const job = await run("clone", wish(more), ACCESS, new Pods(free));
      expect(job).toMatchObject({ status: "completed", failures: 0 });
      expect(requests.map(({ warmPod }) => warmPod)).toEqual([undefined]);
    });

    it("[WARM-06] gives a warm pod back that breaks in the middle, and tries once more, cold", async () => {
      const pods = new Pods(5);
      jest.spyOn(backend, "create").mockImplementationOnce((request) => {
        requests.push(request);
        return Promise.reject(new Error("the pod broke"));
      });
      const job = await run("clone", wish(), ACCESS, pods);
      expect(job).toMatchObject({ status: "completed", failures: 0 });
      expect(requests.map(({ warmPod }) => warmPod)).toEqual(["warm-1", undefined]);
      expect(pods.asked).toEqual(["claim", "release warm-1"]);
    });

    it("[KRO-12] leaves nothing behind when its source refuses", async () => {
      const copied = jest.spyOn(StandInMigrator.prototype, "copy");
      copied.mockImplementationOnce(() => Promise.reject(new Error("broke off")));
      const job = await run("clone", wish(), ACCESS);
      expect(job).toMatchObject({ status: "failed", failure: { code: "JOB_STEP" } });
      expect(recorder.made).toHaveLength(1);
      expect(recorder.living.size).toBe(0);
      expect((await run("clone", wish(), { ...ACCESS, password: "wrong-password" })).failure?.code).toBe(
        "SITE_REFUSED",
      );
      expect(recorder.made).toHaveLength(1);
    });
  });

  describe("restore", () => {
    let target: StandInSite;
    beforeEach(async () => (target = await StandInSite.start({ ...ACCESS, content: { "/": "old" } })));
    afterEach(() => target.stop());
    const both = { source: ACCESS, target: ACCESS };
    const restore = (more: object = {}) => ({ source: { url: site.url }, target: { url: target.url }, ...more });

    it("[CLONE-07] brings the source's content to the target", async () => {
      const job = await run("restore", restore(), both);
      expect(job).toMatchObject({ status: "completed", result: { dry_run: false, changes: { content: 2 } } });
      expect(target.content).toEqual(site.content);
    });

    it("[CLONE-07] brings everything but users, where nothing else was asked for", async () => {
      const plan = jest.spyOn(StandInMigrator.prototype, "plan");
      await run("restore", restore({ dry_run: true }), both);
      await worker.stop(0);
      await run("restore", restore({ dry_run: true, scopes: ["users"] }), both);
      const scopes = plan.mock.calls.map(([request]) => request.scopes);
      expect(scopes).toEqual([["content", "uploads", "plugins", "themes", "options"], ["users"]]);
      plan.mockRestore();
    });

    it("[CLONE-07] only tells what it would do where that was asked for", async () => {
      target.content["/new"] = "order 7";
      const job = await run("restore", restore({ dry_run: true }), both);
      expect(job).toMatchObject({ status: "completed", result: { dry_run: true, conflicts: ["/new"] } });
      expect(target.requests.filter((request) => request.startsWith("POST"))).toEqual([]);
    });

    it("[CLONE-07] overwrites what changed on the target by force alone", async () => {
      target.content["/new"] = "order 7";
      const refused = await run("restore", restore(), both);
      expect(refused).toMatchObject({ status: "failed", failure: { code: "RESTORE_CONFLICT" } });
      expect(refused.failure?.message).toContain("/new");
      expect(target.content["/new"]).toBe("order 7");
      await worker.stop(0);
      expect((await run("restore", restore({ force: true }), both)).status).toBe("completed");
      expect(target.content).toEqual(site.content);
    });

    it("[CLONE-07] puts the target back if it doesn't serve afterwards", async () => {
      const check = jest.spyOn(StandInMigrator.prototype, "check");
      check.mockResolvedValueOnce().mockResolvedValueOnce().mockRejectedValueOnce(new Error("white page"));
      const job = await run("restore", restore(), both);
      expect(job.status).toBe("failed");
      expect(target.requests.filter((request) => request.startsWith("POST"))).toEqual([
        `POST /import ${job.id}`,
        `POST /undo ${job.id}`,
      ]);
      expect(target.content).toEqual({ "/": "old" });
    });

    describe("that is put back on request", () => {
      const before = { "/": "old" };
      const rollback = (of: string) => ({ rollback_of: of, target: { url: target.url } });
      const way = { target: ACCESS };
      const posts = () => target.requests.filter((request) => request.startsWith("POST"));
      const restored = async () => {
        const { id } = await run("restore", restore(), both);
        await worker.stop(0);
        expect(target.content).toEqual(site.content);
        return id;
      };

      it("[CLONE-07] leaves the target as it was before, and says so", async () => {
        const id = await restored();
        const job = await run("restore", rollback(id), way);
        expect(job).toMatchObject({ status: "completed", message: "The target is as it was before the restore" });
        expect(job.result).toEqual({ target_url: target.url, rolled_back: id });
        expect(target.content).toEqual(before);
        expect(posts().slice(-1)).toEqual([`POST /undo ${id}`]);
      });

      it("[CLONE-07] fails for good where nothing is kept any more, and asks for nothing", async () => {
        const id = await restored();
        await run("restore", rollback(id), way);
        await worker.stop(0);
        const asked = posts().length;
        const job = await run("restore", rollback(id), way);
        expect(job).toMatchObject({ status: "failed", failures: 0, failure: { code: "RESTORE_GONE" } });
        expect(job.failure?.message).toContain("Nothing was touched");
        expect(posts()).toHaveLength(asked);
      });

      it("[CLONE-07] fails with what the plugin refuses in the last moment", async () => {
        const id = await restored();
        const gone = new MigrationError("RESTORE_GONE", "RESTORE_GONE: not kept any more", false);
        jest.spyOn(StandInMigrator.prototype, "undoRestore").mockRejectedValueOnce(gone);
        const job = await run("restore", rollback(id), way);
        expect(job).toMatchObject({ status: "failed", failure: { code: "RESTORE_GONE" } });
        expect(target.content).toEqual(site.content);
      });

      it("[CLONE-07] isn't let in by wrong credentials, and shows them to nobody", async () => {
        const id = await restored();
        const job = await run("restore", rollback(id), { target: { ...ACCESS, password: "canary-password" } });
        expect(job).toMatchObject({ status: "failed", failure: { code: "SITE_REFUSED" } });
        expect(JSON.stringify([job, await store.jobs.events({ [job.id]: 0 })])).not.toContain("canary");
        expect(target.content).toEqual(site.content);
      });

      it("[CLONE-07] goes on when a worker dies behind the way back, before it was written down", async () => {
        const id = await restored();
        jest.spyOn(StandInMigrator.prototype, "undoRestore").mockImplementationOnce(async (...call) => {
          await new StandInMigrator().undoRestore(...call);
          throw new MigrationError("SITE_UNREACHABLE", "SITE_UNREACHABLE: the answer was lost", true);
        });
        const job = await run("restore", rollback(id), way, undefined, () => 0.01);
        expect(job).toMatchObject({ status: "completed", failures: 1 });
        expect(target.content).toEqual(before);
      });

      it("[CLONE-07] tells that it was put back where it doesn't serve afterwards", async () => {
        const id = await restored();
        const check = jest.spyOn(StandInMigrator.prototype, "check");
        const refused = new MigrationError("SITE_REFUSED", "SITE_REFUSED: got 500.", false);
        check.mockResolvedValueOnce().mockRejectedValueOnce(refused);
        const job = await run("restore", rollback(id), way);
        expect(job).toMatchObject({ status: "failed", failure: { code: "SITE_REFUSED" } });
        expect(job.failure?.message).toMatch(/got 500\. What the restore changed has been put back\.$/);
        expect(target.content).toEqual(before);
      });
    });

    it("[CLONE-07] refuses a clone that has ended", async () => {
      const job = await run("restore", restore({ source: { clone_id: "clone-gone" } }), { target: ACCESS });
      expect(job).toMatchObject({ status: "failed", failure: { code: "CLONE_ENDED" } });
    });
  });

  it("[CLONE-01] delete ends a clone; one that has ended already is as well", async () => {
    const request = { jobId: "job-1", tenantId: "acme", customerId: "shop", ttlSeconds: 60 };
    const { id } = await backend.create(request, new AbortController().signal);
    expect((await run("delete", { clone_id: id })).result).toEqual({ clone_id: id, removed: true });
    expect(recorder.living.size).toBe(0);
    await worker.stop(0);
    expect(await run("delete", { clone_id: id })).toMatchObject({ status: "completed", result: { removed: false } });
  });
});
