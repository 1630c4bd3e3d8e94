import { Sweeper } from "../../../clones/workers/sweeper";
import { FakeClock } from "../fake-clock";

describe("[CLONE-14] the sweeper", () => {
  it("puts what is due into the queue every ten seconds, and goes on when store or queue were away", async () => {
    const clock = new FakeClock("2026-02-05T14:30:22.000Z");
    const answers = [["job-a", "job-b"], new Error("away"), ["job-c"], ["job-d"]];
    const added: string[] = [];
    const logs: unknown[] = [];
    const missing: number[] = [];
    let purges = 0;
    const sweeper = new Sweeper({
      clock,
      jobs: {
        due: () => {
          const answer = answers.shift() ?? [];
          return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
        },
      },
      queue: {
        add: (id) =>
          id === "job-c" ? Promise.reject(new Error("Redis is away")) : Promise.resolve(added.push(id) !== 2),
      },
      swept: (jobs) => missing.push(jobs),
      log: ({ event, message }) => logs.push([event, message]),
      purge: () => Promise.resolve((purges += 1)),
    });
    sweeper.start();
    await clock.step(9_000);
    expect(added).toEqual(["job-a", "job-b"]);
    // The queue had one of the two.
    expect(missing).toEqual([1]);
    await clock.step(22_000);
    expect(added).toEqual(["job-a", "job-b", "job-d"]);
    expect(logs).toEqual([
      ["sweep.failed", "away"],
      ["sweep.failed", "Redis is away"],
    ]);
    await clock.step(600_000);
    expect(purges).toBe(2);
    await sweeper.stop();
  });
});
