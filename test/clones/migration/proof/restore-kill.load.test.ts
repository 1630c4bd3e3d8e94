import { randomInt } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setImmediate, setTimeout as sleep } from "node:timers/promises";
import { userCache, wordpressFiles } from "../../../../clones/local/wordpress-files";
import { startSite, WordPressSite } from "../../../../clones/local/wordpress-site";
import { MariaDb, missingMariaDb, startMariaDb } from "../../../support/mariadb-server";
import { describeWith } from "../../../support/requires";
import { missingWordPress, TestSite } from "../../../support/wordpress";
import { restoreRequest, signal } from "../support";
import { random } from "../../../support/seeded-random";
import { NamedSite, newMigrator, startSource, startTarget } from "./sites";
import { State, stateOf } from "./state";
import { copied } from "./true-copy";
import { get } from "./web";
import { endOf, startWorker, Worker } from "./worker";

const ROUNDS = 10;
const CHANGE = `foreach ( get_posts( array( 'numberposts' => -1, 'fields' => 'ids' ) ) as $id ) {
	wp_update_post( array( 'ID' => $id, 'post_title' => "Changed $id" ) );
}
for ( $index = 0; $index < 40; $index++ ) { wp_upload_bits( "more-$index.txt", null, str_repeat( "more $index ", 20000 ) ); }
update_option( 'blogname', 'Changed' );
return true;`;

describeWith(
  missingWordPress() ?? missingMariaDb(),
  "[CLONE-07] a restore that is killed leaves the target as it was or as it should be",
  () => {
    const seed = Number(process.env.SEED ?? randomInt(2 ** 31));
    const next = random(seed);
    let database: MariaDb;
    let production: NamedSite;
    let clone: NamedSite;
    let server: Pick<WordPressSite, "stop">;
    let before: State;
    let after: State;
    /** Milliseconds of a restore that nothing kills: all of it, and the part in which tables and folders change places. */
    let whole = 0;
    let swap = 0;

    const request = () => restoreRequest(clone.access, production.access);
    const undo = (jobId: string) => newMigrator().undoRestore(jobId, production.access, signal);

    beforeAll(async () => {
      process.stderr.write(`restores are killed with SEED=${seed}\n`);
      database = await startMariaDb();
      [production, clone] = await Promise.all([startSource({ database, prefix: "live_" }), startTarget({})]);
      server = production.site;
      await copied(production, clone);
      await clone.site.evaluate(CHANGE);
      before = await stateOf(production.site);
      const asked = request();
      const worker = startWorker({ restore: asked });
      await worker.begun;
      const begun = performance.now();
      const swapping = await journalSays(production.site, asked.jobId, '"swapping"', worker);
      swap = (await journalSays(production.site, asked.jobId, '"after"', worker)) - swapping;
      expect(await endOf(worker)).toBe(0);
      whole = performance.now() - begun;
      after = await stateOf(production.site);
      expect(after).not.toEqual(before);
      await undo(asked.jobId);
      expect(await stateOf(production.site)).toEqual(before);
    }, 180_000);
    afterAll(async () => {
      await server.stop();
      await Promise.all([production, clone].map((one) => one.site.stop()));
      await database.stop();
    }, 60_000);

    /** Half of them anywhere, half while tables and folders change places. */
    async function killedRounds(
      kill: (worker: Worker, processes: readonly number[]) => Promise<void>,
      again: () => Promise<void>,
    ): Promise<void> {
      expect(await stateOf(production.site)).toEqual(before);
      const outcomes = { old: 0, new: 0, ended: 0 };
      for (let round = 0; round < ROUNDS; round += 1) {
        const asked = request();
        const processes = phpOf(production.site);
        const worker = startWorker({ restore: asked });
        const share = (Math.floor(round / 2) + next()) / (ROUNDS / 2);
        if (round % 2 === 0) {
          await worker.begun;
          await sleep(share * whole);
        } else {
          await journalSays(production.site, asked.jobId, '"swapping"', worker);
          await sleep(share * swap);
        }
        if (worker.child.exitCode !== null) outcomes.ended += 1;
        await kill(worker, processes);
        await again();
        const found = content(await stateOf(production.site));
        expect([content(before), content(after)]).toContainEqual(found);
        outcomes[JSON.stringify(found) === JSON.stringify(content(before)) ? "old" : "new"] += 1;
        const front = await get(`${production.site.url}/`);
        expect(front).toMatchObject({ status: 200, text: expect.stringContaining("</html>") as string });
        if (next() < 0.5) {
          // The job is tried once more, as workers do.
          expect(await endOf(startWorker({ restore: asked }))).toBe(0);
          expect(await stateOf(production.site)).toEqual(after);
        }
        await undo(asked.jobId);
        expect(await stateOf(production.site)).toEqual(before);
      }
      process.stderr.write(
        `killed restores, of ${whole.toFixed(0)} ms, ${swap.toFixed(0)} of them swapping: ${JSON.stringify(outcomes)}\n`,
      );
      expect(outcomes.ended).toBeLessThan(ROUNDS / 2);
    }

    it("by the end of the target's PHP at ten random points", async () => {
      const restart = async () => {
        const files = await wordpressFiles(userCache(), () => undefined);
        const { folder, port, url } = production.site;
        const { host, rootPassword: password } = database;
        const mysql = { host, port: database.port, user: "root", password, name: production.site.database ?? "" };
        server = await startSite({ folder, files, port, url, php: "native", database: mysql, prefix: "live_" });
      };
      const kill = async (worker: Worker, processes: readonly number[]) => {
        for (const id of processes) process.kill(id, "SIGKILL");
        worker.child.kill("SIGKILL");
        await endOf(worker);
      };
      await killedRounds(kill, restart);
    }, 900_000);

    it("by the end of the migrating process at ten random points", async () => {
      const kill = async (worker: Worker) => {
        worker.child.kill("SIGKILL");
        await endOf(worker);
      };
      // What the target was at goes on: PHP sees only later that nobody listens.
      await killedRounds(kill, () => sleep(1_000));
    }, 900_000);
  },
);

/** Without the plugin's must-use loader: it waits for the job's end, which is still to come. */
function content(state: State): State {
  return Object.fromEntries(Object.entries(state).filter(([name]) => name !== "wp-content/mu-plugins"));
}

/** The instant at which the import's journal says it first; also when the worker has ended. */
async function journalSays({ content }: TestSite, job: string, word: string, { child }: Worker): Promise<number> {
  const journal = join(content, "custom-migrator", job, "journal.json");
  while (child.exitCode === null && !textOf(journal).includes(word)) await setImmediate();
  return performance.now();
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

/** The processes of its server. */
function phpOf({ folder }: TestSite): number[] {
  const lines = readdirSync("/proc").map((id) => [id, textOf(`/proc/${id}/cmdline`)] as const);
  return lines.filter(([, line]) => line.startsWith("php\0") && line.includes(folder)).map(([id]) => Number(id));
}
