/** Workers on a real store in memory, by a clock that the test steps, with plans that the test writes. */
import { randomBytes } from "node:crypto";
import { newJobId } from "../../../../clones/domain/job-id";
import type { Job } from "../../../../clones/domain/job";
import { MemoryQueue } from "../../../../clones/queue/memory-queue";
import type { NewJob } from "../../../../clones/store/job-store";
import { openStore, Store } from "../../../../clones/store/open";
import { StoreUnavailable } from "../../../../clones/store/errors";
import type { StepOutcome, WorkerDeps, WorkerOptions } from "../../../../clones/workers/engine/deps";
import type { JobPlan, Output, Step, StepContext } from "../../../../clones/workers/engine/plan";
import { Sweeper } from "../../../../clones/workers/sweeper";
import { Worker } from "../../../../clones/workers/worker";
import { FakeClock } from "../../fake-clock";

/** A seal that a test can read. */
export const PLAIN_VAULT = {
  seal: (text: string, context: string) => `${context}|${text}`,
  open: (sealed: string, context: string) => {
    if (!sealed.startsWith(`${context}|`)) throw new Error("sealed for something else");
    return sealed.slice(context.length + 1);
  },
};

export class EngineBench {
  readonly clock = new FakeClock("2026-02-05T14:30:22.000Z");
  readonly store: Store = openStore("sqlite::memory:", { clock: this.clock });
  readonly queue = new MemoryQueue(this.clock);
  /** What steps did, in order: `run one`, `undo one`. */
  readonly did: string[] = [];
  readonly logs: Record<string, unknown>[] = [];
  readonly measured: (readonly [step: string, outcome: StepOutcome])[] = [];
  readonly spans: string[] = [];
  /** While it is set, the store answers nothing but this error. */
  storeIsAway = false;
  private readonly workers: Worker[] = [];
  private readonly sweeper = new Sweeper({
    jobs: this.store.jobs,
    queue: this.queue,
    clock: this.clock,
    log: () => undefined,
  });

  static async open(): Promise<EngineBench> {
    const bench = new EngineBench();
    await bench.store.migrate();
    bench.sweeper.start();
    return bench;
  }

  async close(): Promise<void> {
    this.storeIsAway = false;
    await Promise.all([this.sweeper.stop(), ...this.workers.map((worker) => worker.stop(0)), this.advance(3)]);
    await this.queue.close();
    await this.store.close();
  }

  /** Starts a worker whose jobs consist of these steps. */
  worker(
    steps: readonly Step[],
    more: Partial<WorkerOptions> & { readonly complete?: JobPlan["complete"] } = {},
  ): Worker {
    const { complete = () => Promise.resolve({ result: { done: true } }), ...options } = more;
    const workerId = `worker-${this.workers.length + 1}`;
    const worker = new Worker(this.deps(), { workerId, ...options }, () => ({ steps, complete }));
    this.workers.push(worker);
    worker.start();
    return worker;
  }

  /** A step that writes down what it does. */
  step(name: string, more: Partial<Step> = {}): Step {
    const { run, undo } = more;
    return {
      name,
      share: 25,
      message: `Doing ${name}`,
      ...more,
      run: async (context) => {
        this.did.push(`run ${name}`);
        return await run?.(context);
      },
      undo: async (context: StepContext, output: Output | undefined) => {
        this.did.push(`undo ${name}`);
        await undo?.(context, output);
      },
    };
  }

  async submit(more: Partial<NewJob> = {}): Promise<string> {
    const { id = newJobId(randomBytes) } = more;
    await this.store.jobs.create({ tenantId: "acme", type: "clone", request: {}, ...more, id });
    await this.queue.add(id);
    return id;
  }

  async job(id: string): Promise<Job> {
    return (await this.store.jobs.find(id))!;
  }

  async advance(seconds: number): Promise<void> {
    for (let left = seconds; left > 0; left -= 0.25) await this.clock.step(Math.min(250, left * 1000));
  }

  /** @param seconds after which it must be over */
  async over(id: string, seconds = 10): Promise<Job> {
    for (let time = 0; time < seconds; time += 0.25) {
      const job = await this.job(id);
      if (job.completedAt !== undefined) return job;
      await this.advance(0.25);
    }
    throw new Error(`it isn't over after ${seconds} s: ${JSON.stringify(await this.job(id))}`);
  }

  /** Sleeps by the bench's clock; rejects when the job is interrupted. */
  sleep(seconds: number): (context: StepContext) => Promise<undefined> {
    return async ({ signal }) => {
      await this.clock.sleep(seconds * 1000, signal);
      return undefined;
    };
  }

  private deps(): WorkerDeps {
    const { clock, queue } = this;
    const nothing = {} as never;
    return {
      jobs: this.gated(),
      queue,
      clock,
      random: () => 0,
      backend: nothing,
      migrator: nothing,
      vault: PLAIN_VAULT,
      log: (entry) => this.logs.push(entry),
      telemetry: {
        inSpan: async (name, _, work) => {
          this.spans.push(name);
          return await work();
        },
        step: ({ step, outcome }) => void this.measured.push([step, outcome]),
        job: () => undefined,
      },
    };
  }

  /** The store as a worker sees it over a line that may be cut. */
  private gated() {
    return new Proxy(this.store.jobs, {
      get: (jobs, name) => {
        const method: unknown = Reflect.get(jobs, name);
        return (...args: unknown[]) => {
          if (this.storeIsAway) return Promise.reject(new StoreUnavailable("it is away"));
          return Reflect.apply(method as () => Promise<unknown>, jobs, args);
        };
      },
    });
  }
}
