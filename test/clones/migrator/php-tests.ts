/** Tests written in PHP, where the code is: each check of a script becomes a test of jest's, so that a failure has its name. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";

const SCRIPTS = join(__dirname, "php");
/** A script that hangs is a failure, not a wait without an end. */
const LONGEST_MILLISECONDS = 120_000;
/** PHP's limit on small hosts, which the plugin has to do with. */
const MEMORY_LIMIT = "128M";

/**
 * Runs a script of test/clones/migrator/php while jest collects tests, and makes a test of each line of its TAP.
 *
 * @param ids of the requirements that its checks hold, such as `[CLONE-06]`
 * @param environment what the script needs to know more, such as a database's port
 */
export function phpTests(script: string, ids: string, environment: Readonly<Record<string, string>> = {}): void {
  const { status, stdout, stderr, error } = spawnSync(
    "php",
    ["-d", `memory_limit=${MEMORY_LIMIT}`, "-d", "display_errors=stderr", join(SCRIPTS, script)],
    {
      encoding: "utf8",
      timeout: LONGEST_MILLISECONDS,
      maxBuffer: 64 * 1024 * 1024,
      env: { ...process.env, ...environment },
    },
  );
  const lines = stdout.split("\n");
  const results = lines.flatMap((line, index) => {
    const [, not, name] = /^(not )?ok \d+ - (.*)$/.exec(line) ?? [];
    if (name === undefined) return [];
    const end = lines.findIndex((other, at) => at > index && !other.startsWith("# "));
    return [{ name, failure: not === undefined ? "" : lines.slice(index + 1, end).join("\n") }];
  });

  it(`${ids} ${script} runs to its end`, () => {
    expect({ status, error, stderr }).toEqual({ status: 0, error: undefined, stderr: "" });
    expect(results.length).toBeGreaterThan(0);
    expect(lines).toContain(`1..${results.length}`);
  });
  for (const { name, failure } of results) {
    it(`${ids} ${name}`, () => expect(failure).toBe(""));
  }
}
