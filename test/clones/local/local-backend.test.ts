import { randomBytes } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LocalBackend } from "../../../clones/local/local-backend";
import type { BackendClone } from "../../../clones/workers/backend";
import { eventually } from "../../cluster/eventually";
import { FakeClock, settle } from "../fake-clock";
import { FakeSites } from "./fake-sites";

const noop = (): void => undefined;
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
  let sites: FakeSites;
  let backend: LocalBackend;
  const open = (more: object = {}) =>
    LocalBackend.open({ folder, clock, randomBytes, sites, limit: 6, warm: 0, ...more });
  const reopen = async (more: object = {}) => {
    await backend.close();
    backend = await open(more);
  };
  const until = (what: string, holds: () => boolean | Promise<boolean>) => eventually(holds, { what, intervalMs: 5 });
  const folders = () => readdirSync(folder).filter((name) => name.startsWith("site-"));
  const folderOf = ({ id }: BackendClone) => {
    const all = JSON.parse(readFileSync(join(folder, "clones.json"), "utf8")) as { id: string; folder: string }[];
    return join(folder, all.find((one) => one.id === id)!.folder);
  };

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "loomworks-local-"));
    clock = new FakeClock("2026-02-05T14:30:22.000Z");
    sites = new FakeSites();
    backend = await open();
  });
  afterEach(async () => {
    await backend.close();
    expect(sites.running.size).toBe(0);
    rmSync(folder, { recursive: true });
  });

  it("serve on this machine at once, one for a job however often it asks, of different names within one second", async () => {
    const [one, same] = await Promise.all([1, 2].map(() => backend.create(request("job-1"), never)));
    const other = await backend.create(request("job-2"), never);
    expect(same).toEqual(one);
    expect(one!.id).toBe("clone-20260205-143022");
    expect(other.id).toMatch(/^clone-20260205-143022-[a-z2-7]{4}$/);
    expect(await backend.findByJob("job-1")).toEqual(one);
    expect(await text(one!)).toContain("an empty clone");
    expect(one!.expiresAt.toISOString()).toBe("2026-02-05T15:00:22.000Z");
  });

  it("have a key and a password of their own", async () => {
    const made = [await backend.create(request("job-1"), never), await backend.create(request("job-2"), never)];
    const [one, other] = await Promise.all(made.map((clone) => backend.access(clone)));
    expect(one!.site).toEqual({ url: made[0]!.url, username: "admin", password: one!.password, apiKey: "key-1" });
    expect([other!.site.apiKey, other!.password]).toEqual(["key-2", "password-2"]);
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

  it("end with their time, to the second, unless that is extended, and nothing of them stays", async () => {
    const one = await backend.create(request("job-1"), never);
    const other = await backend.create(request("job-2"), never);
    await backend.extend(other.id, 3600);
    await clock.step(1_799_000);
    expect(await text(one)).toContain("an empty clone");
    await clock.step(1_000);
    await until("its end", async () => (await backend.find(one.id)) === undefined);
    await until("its folder's end", () => folders().length === 1);
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
    writeFileSync(join(folderOf(other), "page.html"), "<h1>Shop</h1>");
    await backend.close();
    await clock.step(61_000);
    backend = await open();
    expect(await backend.find(one.id)).toBeUndefined();
    const again = await backend.find(other.id);
    expect(again).toEqual(other);
    expect(await text(again!)).toBe("<h1>Shop</h1>");
    expect(statSync(join(folder, "clones.json")).mode & 0o077).toBe(0);
    expect(folders()).toHaveLength(1);
  });

  it("begin at once where sites wait for them, and others are made in their place", async () => {
    await reopen({ warm: 2 });
    await until("two warm ones", () => sites.running.size === 2);
    let letGo = noop;
    sites.gate = new Promise((resolve) => (letGo = resolve));
    // Neither needs a new site, which couldn't be made now.
    await backend.create(request("job-1"), never);
    await backend.create(request("job-2"), never);
    expect(sites.running.size).toBe(2);
    letGo();
    await until("two more", () => sites.running.size === 4);
    await backend.close();
    // The next start has nothing to do with those that waited.
    expect(sites.running.size).toBe(0);
    expect(folders()).toHaveLength(2);
    backend = await open();
  });

  it("are no more than allowed, waiting sites included, and a place is free when one has ended", async () => {
    await reopen({ limit: 3, warm: 2 });
    const made = [];
    for (const job of ["a", "b", "c"]) made.push(await backend.create(request(job), never));
    await settle();
    await until("no site too many", () => sites.running.size === 3);
    await expect(backend.create(request("d"), never)).rejects.toMatchObject({ code: "CLONE_LOCAL_LIMIT", status: 409 });
    await backend.remove(made[0]!.id);
    await backend.create(request("d"), never);
    const [, , third] = await Promise.allSettled(["e", "f", "g"].map((job) => backend.create(request(job), never)));
    expect(third!.status).toBe("rejected");
  });

  it("are started again where their PHP ends by itself, again and again until it runs", async () => {
    const clone = await backend.create(request("job-1"), never);
    sites.failures = 2;
    sites.crash(folderOf(clone));
    await until("its end", async () => (await backend.find(clone.id))?.ready === false);
    expect((await backend.find(clone.id))?.message).toContain("it crashed");
    await clock.step(3_000);
    expect((await backend.find(clone.id))?.message).toContain("no PHP today");
    await clock.step(5_000);
    await until("its return", async () => (await backend.find(clone.id))?.ready === true);
    expect((await backend.find(clone.id))?.message).toBeUndefined();
    expect(await text(clone)).toContain("an empty clone");
  });

  it("come back later where the restart of the service finds their port taken", async () => {
    const clone = await backend.create(request("job-1"), never);
    sites.failures = 0;
    await backend.close();
    sites.failures = 1;
    backend = await open();
    expect(await backend.find(clone.id)).toMatchObject({ ready: false, url: clone.url });
    await clock.step(1_000);
    await until("its return", async () => (await backend.find(clone.id))?.ready === true);
  });

  it("leave nothing where they couldn't be made, or where nobody wants them any more", async () => {
    sites.failures = 1;
    await expect(backend.create(request("job-1"), never)).rejects.toThrow("no PHP today");
    let letGo = noop;
    sites.gate = new Promise((resolve) => (letGo = resolve));
    const giving = new AbortController();
    const given = backend.create(request("job-2"), giving.signal);
    giving.abort();
    letGo();
    await expect(given).rejects.toThrow("aborted");
    expect(await backend.findByJob("job-2")).toBeUndefined();
    expect(readdirSync(folder)).toEqual(["clones.json"]);
  });

  it("leave no folder that nobody knows of", async () => {
    await backend.close();
    writeFileSync(join(folder, "clone-20260101-000000.html"), "of an older version");
    writeFileSync(join(folder, "clones.json"), JSON.stringify([{ id: "clone-20260101-000000", port: 1 }]));
    backend = await open();
    expect(readdirSync(folder)).toEqual(["clones.json"]);
  });
});
