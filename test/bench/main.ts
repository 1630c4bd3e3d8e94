/**
 * The figures of the README, measured here and now.
 *
 *   npm run bench                   those that take seconds: synth, tenants
 *   npm run bench -- start test     a clean clone's npm ci, npm start, npm test: minutes
 *   npm run bench -- cluster        the start of a test cluster: builds first where nothing is cached
 *   npm run bench -- clones         50 and 200 clones at once on a real KRO: minutes; CLONES=1000 for others
 *   npm run bench -- service        the clone service on MariaDB and Redis: latencies, jobs a second, memory; four minutes
 *   npm run bench -- warm-claim     from a request to its pod of the warm pool, on a real KRO: minutes
 *   npm run bench -- local          clones on this machine, by its own PHP and by the one in WebAssembly: two minutes
 *   npm run bench -- migration      clone and restore of 1, 50 and 500 MB on SQLite and MariaDB; ten minutes, MEGABYTES=1,50 for less
 *   npm run bench -- loomworks      backup, drill and archive command of 100 MB; MEGABYTES=1024,5120 for more
 *   npm run bench -- pods           the platform in real pods: API, components, room for clones, warm against cold; six minutes, PODS=rest,warm for less
 */
import { parseArgs } from "node:util";
import { runCommand, UsageError } from "../../constructs/shared/cli";
import { measureClones } from "./clones";
import { measureCluster } from "./cluster";
import { measureStart, measureTests } from "./clone";
import { measureLocal } from "./local";
import { measureLoomworks } from "./loomworks";
import { measureMigration } from "./migration";
import { measurePods } from "./pods";
import { FAILED } from "./pods/rows";
import { measureService } from "./service";
import { measureSynth, measureTenants } from "./synth";
import { measureWarmClaim } from "./warm-claim";

/** A row of a table: what was measured, and the figure with its unit. */
export type Row = readonly [what: string, figure: string];

const BENCHES: Readonly<Record<string, () => Row[] | Promise<Row[]>>> = {
  synth: measureSynth,
  tenants: measureTenants,
  start: measureStart,
  test: measureTests,
  cluster: measureCluster,
  clones: measureClones,
  service: measureService,
  "warm-claim": measureWarmClaim,
  local: measureLocal,
  migration: measureMigration,
  loomworks: measureLoomworks,
  pods: measurePods,
};

const QUICK = ["synth", "tenants"];

async function main(): Promise<number> {
  const { positionals } = parseArgs({ allowPositionals: true });
  const unknown = positionals.filter((name) => !(name in BENCHES));
  if (unknown.length > 0)
    throw new UsageError(`No bench ${unknown.join(", ")}. There are: ${Object.keys(BENCHES).join(", ")}`);
  let code = 0;
  console.log("| what | measured |\n|---|---|");
  for (const name of positionals.length > 0 ? positionals : QUICK) {
    for (const [what, figure] of (await BENCHES[name]?.()) ?? []) {
      console.log(`| ${what} | ${figure} |`);
      if (what === FAILED) code = 1;
    }
  }
  return code;
}

if (require.main === module) runCommand(main);
