import { randomBytes } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { readConfig } from "../../../clones/config";
import { DemoSite, startDemoSite } from "../../../clones/local/demo/demo-site";
import { WordPressSites } from "../../../clones/local/local-sites";
import { userCache, wordpressFiles } from "../../../clones/local/wordpress-files";
import { Embedded, startEmbedded } from "../../../clones/processes/embedded";
import { Clock, systemClock } from "../../../clones/provisioner/clock";
import { createLog } from "../../../clones/telemetry/log";
import { eventually } from "../../cluster/eventually";
import { freePorts } from "../../cluster/probe";
import { describeWith } from "../../support/requires";
import { missingWordPress } from "../../support/wordpress";
import { logIn } from "../../support/wordpress-login";

/** Command lines of this machine that name the folder. */
function processesOf(folder: string): string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((id) => {
      try {
        return [readFileSync(`/proc/${id}/cmdline`, "utf8")];
      } catch {
        return [];
      }
    })
    .filter((line) => line.includes(folder));
}

describeWith(missingWordPress(), "[CLONE-15] a site's way through the service on one machine", () => {
  const folder = mkdtempSync(join(tmpdir(), "loomworks-embedded-"));
  let ahead = 0;
  const sleepFor: Clock["sleep"] = (milliseconds, signal) => systemClock.sleep(milliseconds, signal);
  const clock: Clock = { now: () => new Date(Date.now() + ahead), sleep: sleepFor };
  let demo: DemoSite;
  let service: Embedded;
  let clone: { id: string; url: string; username: string; password: string };

  async function start(): Promise<void> {
    const files = await wordpressFiles(userCache(), () => undefined);
    const [demoPort, port, metrics] = await freePorts(3);
    const common = { files, php: "native" } as const;
    const size = { posts: 7, pixels: 24 };
    demo = await startDemoSite({ ...common, folder: join(folder, "demo"), port: demoPort!, clock, randomBytes, size });
    const sites = new WordPressSites({ ...common, cacheFolder: userCache(), say: () => undefined });
    const config = readConfig({ HOST: "127.0.0.1", PORT: String(port), METRICS_PORT: String(metrics) }, []);
    const log = createLog({ service: "embedded", level: "silent" });
    service = await startEmbedded(config, join(folder, "service"), { sites, warm: 1, clock }, log);
  }
  async function stop(): Promise<void> {
    await service.stop();
    await demo.stop();
  }
  beforeAll(start, 120_000);
  afterAll(async () => {
    await stop();
    expect(processesOf(folder)).toEqual([]);
    rmSync(folder, { recursive: true });
  }, 60_000);

  async function call(method: string, path: string, body?: object): Promise<any> {
    const json: Record<string, string> = body === undefined ? {} : { "content-type": "application/json" };
    const headers = { authorization: `Bearer ${service.key}`, ...json };
    const response = await fetch(`${service.url}${path}`, {
      method,
      headers,
      ...(body && { body: JSON.stringify(body) }),
    });
    return await response.json();
  }
  async function job(path: string, body: object): Promise<any> {
    const { job_id: id, ...refused } = await call("POST", path, body);
    if (id === undefined) throw new Error(JSON.stringify(refused));
    for (;;) {
      const state = await call("GET", `/api/v2/job-status/${id}`);
      if (!["pending", "running"].includes(state.status)) return state;
      await sleep(200);
    }
  }
  const text = async (url: string) => await (await fetch(url)).text();
  const access = () => ({ username: demo.username, password: demo.password });

  it("[CLONE-06] a stranger's site becomes a clone that has its pages, and nothing of its address", async () => {
    const { url, username, password } = demo;
    const wish = { source_url: url, source_username: username, source_password: password, customer_id: "demo" };
    const done = await job("/api/v2/clone", wish);
    expect([done.status, done.error]).toEqual(["completed", null]);
    clone = { id: done.clone_id, url: done.clone_url, username: done.username, password: done.password };
    for (const path of ["/", "/shop/", "/about/", "/fresh-bread-1/"]) {
      const page = await text(`${clone.url}${path}`);
      expect(page).toContain("Harbour &amp; Sons");
      expect(page).not.toContain(new URL(demo.url).host);
    }
    expect(await text(`${clone.url}/shop/`)).toContain("ordered 8 times");
    const [image] = /http[^"]*picture-1[^"]*\.png/.exec(await text(`${clone.url}/fresh-bread-1/`))!;
    const bytes = async (at: string) => Buffer.from(await (await fetch(at)).arrayBuffer());
    expect(image.startsWith(clone.url)).toBe(true);
    expect((await bytes(image)).equals(await bytes(image.replace(clone.url, demo.url)))).toBe(true);
  }, 120_000);

  it("[CLONE-07] what is changed on the clone comes back by a restore, and the source's accounts stay", async () => {
    const admin = await logIn(clone.url, clone);
    const [post] = await admin.rest("GET", "/wp/v2/posts&slug=fresh-bread-1");
    await admin.rest("POST", `/wp/v2/posts/${post.id}`, { title: "Bread of the clone" });
    expect(await text(`${demo.url}/fresh-bread-1/`)).not.toContain("Bread of the clone");
    const wish = { source: { clone_id: clone.id }, target: { url: demo.url, ...access() }, scopes: ["content"] };
    const plan = await job("/api/v2/restore", { ...wish, dry_run: true });
    expect([plan.status, plan.error, plan.result?.conflicts]).toEqual(["completed", null, []]);
    expect(plan.result.changes.content).toBeGreaterThan(0);
    const done = await job("/api/v2/restore", wish);
    expect([done.status, done.error]).toEqual(["completed", null]);
    const page = await text(`${demo.url}/fresh-bread-1/`);
    expect(page).toContain("Bread of the clone");
    expect(page).not.toContain(new URL(clone.url).host);
    await logIn(demo.url, access());
    await expect(logIn(demo.url, clone)).rejects.toThrow("took no login");
  }, 120_000);

  it("[CLONE-15] a restart of the service brings the clone back at its address", async () => {
    await service.stop();
    await expect(fetch(clone.url)).rejects.toThrow();
    await demo.stop();
    await start();
    expect(await text(`${clone.url}/fresh-bread-1/`)).toContain("Bread of the clone");
  }, 60_000);

  it("[CLONE-10] its time comes, and nothing of it stays", async () => {
    ahead = 31 * 60_000;
    await eventually(async () => (await call("GET", "/api/v2/clones")).clones.length === 0, { what: "its end" });
    await expect(fetch(clone.url)).rejects.toThrow();
    const kept = JSON.parse(readFileSync(join(folder, "service/sites/clones.json"), "utf8")) as unknown[];
    expect(kept).toEqual([]);
  }, 60_000);
});
