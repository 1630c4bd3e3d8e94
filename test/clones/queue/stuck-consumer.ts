/** A process that takes one id off the queue and never ends with it: something to kill. */
import { BullMqQueue } from "../../../clones/queue/bullmq-queue";

const queue = new BullMqQueue({
  redis: { url: process.env.REDIS_URL ?? "" },
  times: { lock: 2_000, stalledCheck: 1_000 },
});
queue.work(
  (id) => {
    process.stdout.write(`${id}\n`);
    return new Promise(() => undefined);
  },
  { concurrency: 1 },
);
