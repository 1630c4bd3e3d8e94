/** A worker with a sweeper, in a process of its own, for tests to kill. SIGTERM ends it as Kubernetes would. */
import { BullMqQueue } from "../../../../clones/queue/bullmq-queue";
import { systemClock } from "../../../../clones/provisioner/clock";
import { openStore } from "../../../../clones/store/open";
import { Sweeper } from "../../../../clones/workers/sweeper";
import { Worker } from "../../../../clones/workers/worker";
import { StandInMigrator } from "../../../support/stand-in-site";
import { StandInBackend } from "./stand-in-backend";

export interface WorkerProcessOptions {
  readonly redis: string;
  readonly store: string;
  readonly backend: string;
  readonly workerId: string;
  readonly createMilliseconds: number;
  readonly copyMilliseconds: number;
  readonly graceSeconds: number;
}

/** Seconds. A tenth of the service's own. */
export const LEASE = 3;
/** Jobs that each works on at once. */
export const CONCURRENCY = 5;
export const TIMES = { lock: 3_000, stalledCheck: 1_500, idle: 1_000, again: 300 } as const;

if (process.env.WORKER_PROCESS !== undefined) {
  const options = JSON.parse(process.env.WORKER_PROCESS) as WorkerProcessOptions;
  const store = openStore(options.store, { leaseSeconds: LEASE });
  const queue = new BullMqQueue({ redis: { url: options.redis }, times: TIMES });
  const log = (entry: object) => process.stdout.write(`${JSON.stringify({ worker: options.workerId, ...entry })}\n`);
  const deps = {
    jobs: store.jobs,
    queue,
    clock: systemClock,
    random: Math.random,
    log,
    backend: new StandInBackend(options.backend, options.createMilliseconds),
    migrator: new StandInMigrator(options.copyMilliseconds),
    vault: { seal: (text: string) => text, open: (text: string) => text },
  };
  const { workerId } = options;
  const retryDelay = (failures: number) => (failures > 20 ? undefined : 0.5);
  const times = { leaseSeconds: LEASE, heartbeatSeconds: 0.5, storePauseSeconds: 0.2, undoPauses: [0.2, 0.5, 1] };
  const worker = new Worker(deps, { workerId, concurrency: CONCURRENCY, attempts: 100, retryDelay, ...times });
  const sweeper = new Sweeper(deps, { everySeconds: 1 });
  worker.start();
  sweeper.start();
  log({ event: "started" });
  process.once("SIGTERM", () => {
    void (async () => {
      await worker.stop(options.graceSeconds);
      await sweeper.stop();
      await queue.close();
      await store.close();
      process.exit(0);
    })();
  });
}
