import { MemoryQueue } from "../../../clones/queue/memory-queue";
import { systemClock } from "../../../clones/provisioner/clock";
import { itBehavesAsAQueue } from "./behaviour";

describe("[CLONE-04] the queue of the embedded mode", () => {
  itBehavesAsAQueue(() => Promise.resolve(new MemoryQueue(systemClock)));

  it("takes nothing after its end", async () => {
    const queue = new MemoryQueue(systemClock);
    await queue.add("job-a", 60);
    await queue.close();
    await expect(queue.add("job-b")).rejects.toMatchObject({ code: "QUEUE_UNAVAILABLE" });
    await expect(queue.check()).rejects.toMatchObject({ code: "QUEUE_UNAVAILABLE" });
  });
});
