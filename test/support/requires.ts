/** Suites that need a real program: where it is missing they are skipped, loudly, and in CI they fail. */

/**
 * `describe`, if nothing is missing.
 *
 * @param missing what is missing and how to get it, or undefined
 */
export function describeWith(missing: string | undefined, title: string, suite: () => void): void {
  if (missing === undefined) {
    describe(title, suite);
    return;
  }
  if (process.env.CI !== undefined && process.env.CI !== "false") {
    describe(title, () => it("has what it needs", () => expect(missing).toBeUndefined()));
    return;
  }
  skipLoudly(missing, title, suite);
}

/** In CI too: for what nobody can install there. */
export function skipLoudly(missing: string, title: string, suite: () => void): void {
  const bar = "!".repeat(100);
  process.stderr.write(`\n${bar}\nSKIPPED ${title}\n${missing}\n${bar}\n\n`);
  describe.skip(`${title} (skipped: ${missing})`, suite);
}
