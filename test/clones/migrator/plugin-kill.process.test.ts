import { randomInt } from "node:crypto";
import { describeWith } from "../../support/requires";
import { random } from "../../support/seeded-random";
import { fillDemoSite, missingWordPress, startTestSite, TestSite } from "../../support/wordpress";
import { ask, begin, call, exported, finish, send } from "./plugin-client";
import { fingerprint, OPTIONS } from "./plugin-sites";

/** Microseconds that no work takes. */
const NEVER = 60_000_000;

describeWith(missingWordPress(), "custom-migrator in WordPress, killed", () => {
  let source: TestSite;
  let target: TestSite;

  beforeAll(async () => {
    [source, target] = await Promise.all([startTestSite(OPTIONS), startTestSite(OPTIONS)]);
    await fillDemoSite(source, { posts: 7, pixels: 16 });
  }, 120_000);
  afterAll(async () => {
    await Promise.all([source, target].map((site) => site.stop()));
  }, 30_000);

  it("[CLONE-07] is killed at ten random points of finish and ten of going back, and is never found between", async () => {
    const seed = Number(process.env.SEED ?? randomInt(2 ** 31));
    process.stderr.write(`custom-migrator is killed with SEED=${seed}\n`);
    const next = random(seed);
    const scopes = ["content", "uploads", "plugins"];
    const small = await exported(source.url, scopes, "kill");
    const old = await fingerprint(target);
    let expected: string[] | undefined;
    const outcomes = { old: 0, new: 0 };
    // Of the work alone, in microseconds, in a PHP that nothing kills.
    let longest = 0;
    let longestBack = 0;
    let killed = 0;
    for (let round = 0; round <= 10; round += 1) {
      const job = `kill-${round}`;
      await begin(target.url, { job, scopes });
      await send(target.url, job, small);
      if (expected === undefined) {
        longest = await killedPhp(target, "finish", job, NEVER);
        expected = await fingerprint(target);
        expect(expected).not.toEqual(old);
      } else {
        const microseconds = Math.floor(next() * longest);
        if ((await killedPhp(target, "finish", job, microseconds)) === -1) killed += 1;
      }
      const found = await fingerprint(target);
      expect([old, expected]).toContainEqual(found);
      outcomes[found.length === old.length && JSON.stringify(found) === JSON.stringify(old) ? "old" : "new"] += 1;
      const phase = (await call(target.url, "GET", `import?job=${job}`)).json.phase as string;
      if (phase === "swapping" || phase === "swapped") {
        await finish(target.url, job);
        if (longestBack === 0) longestBack = await killedPhp(target, "rollback", job, NEVER);
        else await killedPhp(target, "rollback", job, Math.floor(next() * longestBack));
        expect([old, expected]).toContainEqual(await fingerprint(target));
      }
      await ask(target.url, "POST", "rollback", { job });
      expect(await fingerprint(target)).toEqual(old);
    }
    // A point behind the end kills nothing; most are before it.
    expect(killed).toBeGreaterThan(2);
    process.stderr.write(
      `custom-migrator was found as it was ${outcomes.old} times, as it should be ${outcomes.new} times\n`,
    );
  }, 240_000);
});

/** Runs a request's work in a PHP of its own, and kills that; returns the work's microseconds, or -1 if it was killed. */
async function killedPhp(
  site: TestSite,
  work: "finish" | "rollback",
  job: string,
  microseconds: number,
): Promise<number> {
  const script = `
    if ( 0 === ( $child = pcntl_fork() ) ) {
      usleep( $input['microseconds'] );
      posix_kill( posix_getppid(), SIGKILL );
      posix_kill( getmypid(), SIGKILL );
    }
    $started = microtime( true );
    if ( 'finish' === $input['work'] ) {
      while ( 'swapped' !== Custom_Migrator_Finish::slice( $input['job'] )['phase'] ) {
        continue;
      }
    } else {
      Custom_Migrator_Finish::rollback( $input['job'] );
    }
    posix_kill( $child, SIGKILL );
    pcntl_waitpid( $child, $status );
    return (int) ( 1000000 * ( microtime( true ) - $started ) );`;
  return (await site.evaluate(script, { work, job, microseconds }).catch(() => -1)) as number;
}
