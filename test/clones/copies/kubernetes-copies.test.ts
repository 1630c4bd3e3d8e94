import { KubernetesCopies } from "../../../clones/copies/kubernetes-copies";
import { reapCopies } from "../../../clones/copies/reaper";
import { FakeClock } from "../fake-clock";
import { refusal, StandInKube } from "./stand-in-kube";

const JOB = "job-0123456789abcdef01234567";
const ID = "copy-0123456789abcdef01234567";
const OTHER_JOB = "job-89abcdef0123456789abcdef";
const REQUEST = { jobId: JOB, tenantId: "acme", ttlSeconds: 3600 };
const { signal } = new AbortController();

let clock: FakeClock;
let kube: StandInKube;
let copies: KubernetesCopies;
beforeEach(() => {
  clock = new FakeClock("2026-02-05T14:30:22.000Z");
  kube = new StandInKube(() => clock.now());
  copies = new KubernetesCopies(kube.kube, { namespace: "loomworks", perTenant: 1, clock });
});

/** What comes of it within so many seconds. */
async function within<T>(seconds: number, work: Promise<T>): Promise<T> {
  const over = work.then(
    () => true,
    () => true,
  );
  for (let second = 0; second < seconds; second += 1) {
    await clock.step(1000);
    if (await Promise.race([over, Promise.resolve(false)])) return await work;
  }
  throw new Error("it goes on");
}
const codeOf = async (work: Promise<unknown>) =>
  await work.then(
    () => "done",
    (error: unknown) => (error as { code?: string }).code ?? String(error),
  );

describe("a copy", () => {
  it("is named after its job, of the tenant's own database, and handed out when it is ready", async () => {
    const made = copies.create(REQUEST, signal);
    await clock.step(10_000);
    expect(await copies.find(ID)).toMatchObject({ state: "creating" });
    kube.say(ID, "Ready");
    expect(await within(5, made)).toMatchObject({
      id: ID,
      jobId: JOB,
      tenantId: "acme",
      database: "acme",
      state: "ready",
      url: `https://${ID}.test`,
      expiresAt: new Date("2026-02-05T15:30:22.000Z"),
    });
  });

  it("is found again by whoever goes on with its job, with the end that it was given", async () => {
    kube.obey();
    await within(5, copies.create(REQUEST, signal));
    await clock.step(60_000);
    const again = await within(5, copies.create(REQUEST, signal));
    expect(again.expiresAt).toEqual(new Date("2026-02-05T15:30:22.000Z"));
    expect(kube.asked).toEqual([`create ${ID}`]);
  });

  it("fails with the code and the reason of its Job", async () => {
    const report = '{"result":"refused","code":"COPY_NO_SPACE","reason":"3 of 5 GB are free"}';
    kube.reconcile = () => kube.say(ID, "Failed", { reason: "Container odoo-copy failed", report });
    await expect(within(5, copies.create(REQUEST, signal))).rejects.toThrow(/COPY_NO_SPACE: 3 of 5 GB are free/);
    expect(await copies.find(ID)).toMatchObject({ state: "failed", message: "COPY_NO_SPACE: 3 of 5 GB are free" });
  });

  it("is given up by its deadline, which a worker that takes over doesn't put off", async () => {
    kube.reconcile = () => kube.say(ID, "Creating");
    const late = new KubernetesCopies(kube.kube, { namespace: "x", perTenant: 1, readySeconds: 60, clock });
    const first = new AbortController();
    const begun = codeOf(late.create(REQUEST, first.signal));
    await clock.step(50_000);
    first.abort();
    expect(await begun).not.toBe("done");
    expect(await within(13, codeOf(late.create(REQUEST, signal)))).toBe("TENANT_COPY_DEADLINE");
  });

  it("is waited for while the API server is away", async () => {
    const made = copies.create(REQUEST, signal);
    await clock.step(3000);
    kube.failure = refusal(503, "away");
    await clock.step(60_000);
    kube.failure = undefined;
    kube.say(ID, "Ready");
    expect(await within(5, made)).toMatchObject({ state: "ready" });
  });

  it.each(["postgres", "template1", "copy-000000000000000000000001", "Acme", "a.b", "a=b,c"])(
    "is none of %p, whatever the key says",
    async (tenantId) => {
      expect(await codeOf(copies.create({ ...REQUEST, tenantId }, signal))).toBe("TENANT_COPY_SOURCE");
      expect(await codeOf(copies.assertRoom(tenantId))).toBe("TENANT_COPY_SOURCE");
      expect(await copies.list(tenantId)).toEqual([]);
      expect(kube.asked).toEqual([]);
    },
  );

  it("is refused where the tenant has one, or all tenants have as many as there may be", async () => {
    kube.obey();
    await within(5, copies.create(REQUEST, signal));
    expect(await codeOf(copies.create({ ...REQUEST, jobId: OTHER_JOB }, signal))).toBe("TENANT_COPY_LIMIT");
    expect(await codeOf(copies.assertRoom("acme"))).toBe("TENANT_COPY_LIMIT");
    expect(await codeOf(copies.assertRoom("other"))).toBe("done");
    kube.quota = 1;
    expect(await codeOf(copies.create({ ...REQUEST, jobId: OTHER_JOB, tenantId: "other" }, signal))).toBe(
      "TENANT_COPY_LIMIT",
    );
  });
});

describe("the end of a copy", () => {
  beforeEach(async () => {
    kube.obey();
    await within(5, copies.create(REQUEST, signal));
    kube.reconcile = () => undefined;
  });

  it("is asked for first, and the object goes when database and files have gone", async () => {
    const removed = copies.remove(ID, signal);
    await clock.step(20_000);
    expect(kube.asked.at(-1)).toBe(`merge ${ID} {"ended":true}`);
    expect(await copies.find(ID)).toMatchObject({ state: "ending" });
    kube.say(ID, "Removed");
    expect(await within(10, removed)).toBe(true);
    expect(kube.asked.at(-1)).toBe(`delete ${ID}`);
    expect(await copies.remove(ID, signal)).toBe(false);
  });

  it("that fails or takes too long is told, and the object stays", async () => {
    kube.reconcile = () => kube.say(ID, "RemoveFailed", { reason: "BackoffLimitExceeded" });
    await expect(within(5, copies.remove(ID, signal))).rejects.toThrow(/TENANT_COPY_LINGERS.*BackoffLimitExceeded/);
    kube.say(ID, "Removing");
    expect(await within(1000, codeOf(copies.remove(ID, signal)))).toBe("TENANT_COPY_LINGERS");
    expect(kube.copies.has(ID)).toBe(true);
  });

  it("can be put off until it has begun, and never brought forward", async () => {
    expect((await copies.extend(ID, 7200)).expiresAt).toEqual(new Date("2026-02-05T16:30:22.000Z"));
    expect(await codeOf(copies.extend(ID, 7200))).toBe("TENANT_COPY_TTL");
    await clock.step(7_300_000);
    expect(await codeOf(copies.extend(ID, 9000))).toBe("TENANT_COPY_ENDED");
    expect(await codeOf(copies.extend("copy-000000000000000000000000", 9000))).toBe("TENANT_COPY_NOT_FOUND");
  });

  describe("when its time is over", () => {
    const lines: unknown[] = [];
    const reap = () => reapCopies(kube.kube, "loomworks", clock, (line) => void lines.push(line));

    it("is the cleaner's: asked for on the second, and finished by a later run", async () => {
      await clock.step(3_590_000);
      expect(await reap()).toEqual({ expired: 0, removed: 0, failed: 0 });
      await clock.step(10_000);
      expect(await reap()).toEqual({ expired: 1, removed: 0, failed: 0 });
      expect(await reap()).toEqual({ expired: 0, removed: 0, failed: 0 });
      kube.say(ID, "Removed");
      expect(await reap()).toEqual({ expired: 0, removed: 1, failed: 0 });
      expect(kube.copies.size).toBe(0);
    });

    it("isn't asked for of a copy whose life was extended at that moment", async () => {
      await clock.step(4_000_000);
      const list = kube.list.bind(kube);
      kube.list = async (...args) => {
        const seen = await list(...args);
        await kube.merge({} as never, "", ID, { spec: { expiresAt: "2026-02-05T18:30:22.000Z" } });
        return seen;
      };
      expect(await reap()).toEqual({ expired: 0, removed: 0, failed: 0 });
      expect(kube.copies.get(ID)?.spec.ended).not.toBe(true);
    });

    it("fails the run that finds it stuck, and the run that can't look", async () => {
      await clock.step(3_600_000);
      await reap();
      kube.say(ID, "RemoveFailed");
      expect(await reap()).toMatchObject({ failed: 1 });
      kube.failure = refusal(403, "forbidden");
      expect(await reap()).toMatchObject({ failed: 1 });
    });
  });
});
