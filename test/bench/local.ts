/** What a clone on this machine costs: time until a warm one is taken, time until the demo site is cloned, memory. */
import { randomBytes } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { startDemoSite } from "../../clones/local/demo/demo-site";
import { LocalBackend } from "../../clones/local/local-backend";
import { WordPressSites } from "../../clones/local/local-sites";
import type { PhpKind } from "../../clones/local/php";
import { userCache, wordpressFiles } from "../../clones/local/wordpress-files";
import { PLUGIN_FOLDER } from "../../clones/local/wordpress-site";
import { WordPressMigrator } from "../../clones/migration/wordpress-migrator";
import { systemClock } from "../../clones/provisioner/clock";
import { toStandardError } from "../cluster/build/builder";
import { missingWasmPhp, missingWordPress } from "../support/wordpress";
import type { Row } from "./main";

const CLONES = 3;
const MEGABYTE = 1024 * 1024;

export async function measureLocal(): Promise<Row[]> {
  const missing = { native: missingWordPress(), wasm: missingWasmPhp() };
  const rows: Row[] = [];
  for (const php of ["native", "wasm"] as const) {
    if (missing[php] === undefined) rows.push(...(await measure(php)));
    else toStandardError(`left out: ${missing[php]}`);
  }
  return rows;
}

async function measure(php: PhpKind): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), "loomworks-bench-"));
  const files = await wordpressFiles(userCache(), toStandardError);
  const demo = await startDemoSite({ folder: join(folder, "demo"), files, php, clock: systemClock, randomBytes });
  const sites = new WordPressSites({ files, php, cacheFolder: userCache(), say: toStandardError });
  const before = memory(folder);
  const options = {
    folder: join(folder, "sites"),
    clock: systemClock,
    randomBytes,
    sites,
    limit: CLONES,
    warm: CLONES,
  };
  const backend = await LocalBackend.open(options);
  try {
    await untilWarm(join(folder, "sites"));
    const perSite = (memory(folder) - before) / CLONES / MEGABYTE;
    const migrator = new WordPressMigrator({
      urlPolicy: { allowPrivate: true },
      clock: systemClock,
      pluginFolder: PLUGIN_FOLDER,
    });
    const { signal } = new AbortController();
    const claims: number[] = [];
    const copies: number[] = [];
    for (let index = 0; index < CLONES; index += 1) {
      const begun = performance.now();
      const request = { jobId: `bench-${index}`, tenantId: "bench", customerId: "bench", ttlSeconds: 3600 };
      const clone = await backend.create(request, signal);
      await (await fetch(`${clone.url}/?rest_route=/`)).arrayBuffer();
      claims.push(performance.now() - begun);
      const { site } = await backend.access(clone);
      const copy = { jobId: request.jobId, publicUrl: site.url, anonymize: false, report: () => undefined, signal };
      await migrator.copy({ ...copy, source: demo, target: { ...site, own: true } });
      copies.push(performance.now() - begun);
    }
    return [
      [`a warm clone taken until it answers, ${php} PHP`, timesOf(claims)],
      [`the demo site (30 posts, 10 pictures, 3 MB) cloned and looked at, ${php} PHP`, timesOf(copies)],
      [`memory of each waiting site, ${php} PHP`, `${perSite.toFixed(0)} MB`],
    ];
  } finally {
    await backend.close();
    await demo.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

function timesOf(milliseconds: readonly number[]): string {
  return milliseconds.map((one) => `${(one / 1_000).toFixed(2)} s`).join(", ");
}

/** Until what is made in the background is there and settled. */
async function untilWarm(folder: string): Promise<void> {
  let quiet = 0;
  while (quiet < 3) {
    await sleep(1_000);
    const ready = readdirSync(folder).filter((name) => name.startsWith("site-")).length === CLONES;
    quiet = ready ? quiet + 1 : 0;
  }
}

/** Bytes of this process and of those that a site's folder is named to; what they share counts once. */
function memory(folder: string): number {
  const ids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  const own = ids.filter((id) => id === String(process.pid) || read(`/proc/${id}/cmdline`).includes(folder));
  const kilobytes = own.map((id) => Number(/^Pss: +(\d+)/m.exec(read(`/proc/${id}/smaps_rollup`))?.[1] ?? 0));
  return kilobytes.reduce((sum, one) => sum + one * 1_024, 0);
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
