/** Tests written in PHP, where the code is: each check of a script becomes a test of jest's, so that a failure has its name. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";

const SCRIPTS = join(__dirname, "php");
/** A script that hangs is a failure, not a wait without an end. */
const LONGEST_MILLISECONDS = 200_000;
/** PHP's limit on small hosts, which the plugin has to do with. */
const MEMORY_LIMIT = "128M";

/** One check of a script: an empty failure is none. */
export interface Check {
  readonly name: string;
  readonly failure: string;
}

/**
 * Runs a script of test/clones/migrator/php while jest collects tests, and makes a test of each line of its TAP.
 *
 * @param ids of the requirements that its checks hold, such as `[CLONE-06]`
 * @param settings of PHP, such as `pcre.jit=0`; they become part of the tests' names
 */
export function phpTests(script: string, ids: string, settings: readonly string[] = []): void {
  const { checks, ended } = runPhp(script, {}, settings);
  const titles = [ids, ...settings].join(" ");
  it(`${titles} ${script} runs to its end`, () => expect(ended).toBe(""));
  for (const { name, failure } of checks) {
    it(`${titles} ${name}`, () => expect(failure).toBe(""));
  }
}

/**
 * @param environment what the script needs to know more, such as where a database is
 * @returns its checks, and why it didn't end as it should, or an empty text
 */
export function runPhp(
  script: string,
  environment: Readonly<Record<string, string>> = {},
  settings: readonly string[] = [],
): { readonly checks: readonly Check[]; readonly ended: string } {
  const { status, stdout, stderr, error } = spawnSync(
    "php",
    [
      ...[`memory_limit=${MEMORY_LIMIT}`, "display_errors=stderr", ...settings].flatMap((setting) => ["-d", setting]),
      join(SCRIPTS, script),
    ],
    {
      encoding: "utf8",
      timeout: LONGEST_MILLISECONDS,
      maxBuffer: 64 * 1024 * 1024,
      env: { ...process.env, ...environment },
    },
  );
  // Null where there is no such program, whatever its type says; skipped suites are collected, too.
  const lines = ((stdout as string | null) ?? "").split("\n");
  const checks = lines.flatMap((line, index) => {
    const [, not, name] = /^(not )?ok \d+ - (.*)$/.exec(line) ?? [];
    if (name === undefined) return [];
    const end = lines.findIndex((other, at) => at > index && !other.startsWith("# "));
    return [{ name, failure: not === undefined ? "" : lines.slice(index + 1, end).join("\n") || "failed" }];
  });
  const isWhole = status === 0 && stderr === "" && checks.length > 0 && lines.includes(`1..${checks.length}`);
  return { checks, ended: isWhole ? "" : `status ${status} ${error?.message ?? ""} ${stderr} ${lines.at(-2) ?? ""}` };
}
