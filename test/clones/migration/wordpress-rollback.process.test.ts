import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Job } from "../../../clones/domain/job";
import { newJobId } from "../../../clones/domain/job-id";
import { systemClock } from "../../../clones/provisioner/clock";
import { MemoryQueue } from "../../../clones/queue/memory-queue";
import { openStore, Store } from "../../../clones/store/open";
import type { CloneBackend } from "../../../clones/workers/backend";
import { Worker } from "../../../clones/workers/worker";
import { eventually } from "../../cluster/eventually";
import { describeWith } from "../../support/requires";
import { fillDemoSite, missingWordPress, startTestSite, TestSite } from "../../support/wordpress";
import { KEY } from "../migrator/plugin-client";
import { fingerprint } from "../migrator/plugin-sites";
import { PLAIN_VAULT } from "../workers/support/engine-bench";
import { accessOf, copyRequest, newMigrator, startClone } from "./support";

const WORK = `
  wp_update_post( array( 'ID' => $input['id'], 'post_title' => 'Written on the clone' ) );
  update_option( 'blogdescription', 'From the clone' );
  file_put_contents( wp_get_upload_dir()['basedir'] . '/made-on-the-clone.txt', 'x' );
  return true;`;
const FIRST = "return get_posts( array( 'numberposts' => 1, 'orderby' => 'ID', 'order' => 'ASC' ) )[0]->ID;";
const SEEN = "return array( get_post( $input['id'] )->post_title, get_option( 'blogdescription' ) );";
const CLONES = ["Written on the clone", "From the clone"];

describeWith(missingWordPress(), "[CLONE-07] a restore of a real WordPress that is put back on request", () => {
  let production: TestSite;
  let clone: Awaited<ReturnType<typeof startClone>>;
  let store: Store;
  let queue: MemoryQueue;
  let id: number;
  let before: readonly string[];

  beforeAll(async () => {
    store = openStore("sqlite::memory:");
    await store.migrate();
    queue = new MemoryQueue(systemClock);
    // The service knows nothing of that key; the test looks by it.
    [production, clone] = await Promise.all([startTestSite({ environment: { MIGRATION_API_KEY: KEY } }), startClone()]);
    await fillDemoSite(production, { posts: 5, pixels: 16 });
    id = (await production.evaluate(FIRST)) as number;
    await newMigrator().copy(copyRequest(accessOf(production), clone.access));
    await clone.site.evaluate(WORK, { id });
    before = await fingerprint(production);
  }, 180_000);
  afterAll(async () => {
    await queue.close();
    await Promise.all([production, clone.site].map((site) => site.stop()));
    await store.close();
  });

  /** By a worker that has never seen the site. */
  async function run(request: object, secrets: object): Promise<Job> {
    const parts = { jobs: store.jobs, queue, backend: {} as CloneBackend, migrator: newMigrator(), vault: PLAIN_VAULT };
    const rest = { clock: systemClock, random: () => 0, log: () => undefined };
    const worker = new Worker({ ...parts, ...rest }, { workerId: "worker", retryDelay: () => undefined });
    const jobId = newJobId(randomBytes);
    const sealed = `${jobId}/request|${JSON.stringify(secrets)}`;
    await store.jobs.create({ id: jobId, tenantId: "acme", type: "restore", request: { ...request }, secrets: sealed });
    await queue.add(jobId);
    worker.start();
    try {
      const look = async () => ((job) => job?.completedAt !== undefined && job)(await store.jobs.find(jobId));
      return await eventually(look, { what: "the job's end", timeoutMs: 120_000, intervalMs: 100 });
    } finally {
      await worker.stop(0);
    }
  }

  const target = () => ({ url: production.url });
  const restore = async () => {
    const { url, apiKey } = clone.access;
    const secrets = { source: { apiKey }, target: production.admin };
    const job = await run({ source: { url }, target: target() }, secrets);
    expect(job).toMatchObject({ status: "completed", message: "The target has what the clone had" });
    expect(await production.evaluate(SEEN, { id })).toEqual(CLONES);
    return job.id;
  };
  const putBack = async (of: string) => await run({ rollback_of: of, target: target() }, { target: production.admin });

  it("is as it was before, row by row and file by file", async () => {
    const restored = await restore();
    expect(await fingerprint(production)).not.toEqual(before);
    const job = await putBack(restored);
    expect(job).toMatchObject({
      status: "completed",
      message: "The target is as it was before the restore",
      result: { target_url: production.url, rolled_back: restored },
    });
    expect(await fingerprint(production)).toEqual(before);
    expect(await (await fetch(`${production.url}/`)).text()).toContain("</html>");
    // Nothing is kept any more, which isn't the same as done.
    expect(await putBack(restored)).toMatchObject({ status: "failed", failure: { code: "RESTORE_GONE" } });
    expect(await fingerprint(production)).toEqual(before);
  }, 240_000);

  it("stays as it is once the site's own window is over, and the job says so", async () => {
    const restored = await restore();
    const home = join(production.content, "custom-migrator");
    const journal = join(
      home,
      readdirSync(home).find((name) => name === restored)!,
      "journal.json",
    );
    writeFileSync(journal, JSON.stringify({ ...JSON.parse(readFileSync(journal, "utf8")), until: 1 }));
    const job = await putBack(restored);
    expect(job).toMatchObject({ status: "failed", failure: { code: "RESTORE_GONE" } });
    expect(await production.evaluate(SEEN, { id })).toEqual(CLONES);
  }, 240_000);
});
