import { randomBytes } from "node:crypto";
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LocalBackend } from "../../../clones/local/local-backend";
import { PageCopyMigrator } from "../../../clones/local/page-copy-migrator";
import type { BackendClone } from "../../../clones/workers/backend";
import { eventually } from "../../cluster/eventually";
import { StandInSite } from "../../support/stand-in-site";
import { FakeClock } from "../fake-clock";

const never = new AbortController().signal;
const request = (jobId: string, more: object = {}) => ({
  jobId,
  tenantId: "acme",
  customerId: "shop",
  ttlSeconds: 1800,
  ...more,
});
const text = async ({ url = "" }: BackendClone) => await (await fetch(url)).text();

describe("clones of the embedded mode", () => {
  let folder: string;
  let clock: FakeClock;
  let backend: LocalBackend;
  const open = () => LocalBackend.open({ folder, clock, randomBytes });

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "loomworks-local-"));
    clock = new FakeClock("2026-02-05T14:30:22.000Z");
    backend = await open();
  });
  afterEach(async () => {
    await backend.close();
    rmSync(folder, { recursive: true });
  });

  it("serve on this machine at once, one for a job however often it asks, of different names within one second", async () => {
    const [one, same] = await Promise.all([1, 2].map(() => backend.create(request("job-1"), never)));
    const other = await backend.create(request("job-2"), never);
    expect(same).toEqual(one);
    expect(one!.id).toBe("clone-20260205-143022");
    expect(other.id).toMatch(/^clone-20260205-143022-[a-z2-7]{4}$/);
    expect(await backend.findByJob("job-1")).toEqual(one);
    expect(await text(one!)).toContain("no content yet");
    expect(one!.expiresAt.toISOString()).toBe("2026-02-05T15:00:22.000Z");
  });

  it("are a tenant's own, and come in pages", async () => {
    for (let index = 0; index < 5; index += 1) await backend.create(request(`job-${index}`), never);
    await backend.create(request("job-x", { tenantId: "other" }), never);
    const first = await backend.list({ tenantId: "acme", limit: 3 });
    const second = await backend.list({ tenantId: "acme", limit: 3, cursor: first.cursor });
    expect(second.cursor).toBeUndefined();
    const ids = [...first.clones, ...second.clones].map(({ jobId }) => jobId).sort();
    expect(ids).toEqual(["job-0", "job-1", "job-2", "job-3", "job-4"]);
  });

  it("end with their time, unless that is extended, and nothing of them stays", async () => {
    const one = await backend.create(request("job-1"), never);
    const other = await backend.create(request("job-2"), never);
    await backend.extend(other.id, 3600);
    await clock.step(1_800_000);
    await eventually(async () => (await backend.find(one.id)) === undefined, { what: "its end", intervalMs: 5 });
    await expect(fetch(one.url!)).rejects.toThrow();
    expect((await backend.find(other.id))?.expiresAt.toISOString()).toBe("2026-02-05T15:30:22.000Z");
    expect(await backend.remove(other.id)).toBe(true);
    expect(await backend.remove(other.id)).toBe(false);
    expect(readdirSync(folder)).toEqual(["clones.json"]);
  });

  it.each([
    ["clone-20990101-000000", 3600, { code: "CLONE_NOT_FOUND", status: 404 }],
    [undefined, 5, { code: "CLONE_TTL", status: 422 }],
    [undefined, 1800, { code: "CLONE_TTL", status: 422 }],
    [undefined, 1.5, { code: "CLONE_TTL", status: 422 }],
  ])("aren't extended where that makes no sense: %s by %d", async (id, seconds, error) => {
    const clone = await backend.create(request("job-1"), never);
    await expect(backend.extend(id ?? clone.id, seconds)).rejects.toMatchObject(error);
  });

  it("are there again after a restart with content and address, but for those whose time was over", async () => {
    const one = await backend.create(request("job-1", { ttlSeconds: 60 }), never);
    const other = await backend.create(request("job-2"), never);
    const { site } = await backend.access(other);
    const source = await StandInSite.start({ content: { "/": "<h1>Shop</h1>" } });
    const copy = { jobId: "job-2", anonymize: false, report: () => undefined, signal: never, publicUrl: other.url! };
    await new PageCopyMigrator().copy({ ...copy, source: source.access, target: site });
    await source.stop();
    await backend.close();
    await clock.step(61_000);
    backend = await open();
    expect(await backend.find(one.id)).toBeUndefined();
    const again = await backend.find(other.id);
    expect(again?.url).toBe(other.url);
    expect(await text(again!)).toBe("<h1>Shop</h1>");
    expect(statSync(join(folder, "clones.json")).mode & 0o077).toBe(0);
  });

  it("let nobody write to them but with their password", async () => {
    const clone = await backend.create(request("job-1"), never);
    const put = (authorization: string) =>
      fetch(clone.url!, { method: "PUT", body: "mine", headers: { authorization } }).then(({ status }) => status);
    expect(await put("")).toBe(401);
    expect(await put(`Basic ${Buffer.from("admin:wrong").toString("base64")}`)).toBe(401);
    expect(await text(clone)).not.toBe("mine");
  });
});

describe("the copy of a front page", () => {
  const migrator = new PageCopyMigrator();
  let site: StandInSite;
  beforeEach(async () => (site = await StandInSite.start({ content: { "/": "<h1>Shop</h1>" } })));
  afterEach(() => site.stop());
  const check = () => migrator.check(site.access, never);

  it("tells sites that may answer another time from those that won't", async () => {
    await expect(check()).resolves.toBeUndefined();
    site.misbehaviour.fails = 1;
    await expect(check()).rejects.toMatchObject({ code: "SITE_REFUSED", retryable: true });
    site.misbehaviour.cuts = 1;
    await expect(check()).rejects.toMatchObject({ code: "SITE_UNREACHABLE", retryable: true });
    const gone = { url: `${site.url}/nowhere` };
    await expect(migrator.check(gone, never)).rejects.toMatchObject({ code: "SITE_REFUSED", retryable: false });
  });
});
