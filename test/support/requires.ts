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
  process.stderr.write(`\n!! SKIPPED: ${title}\n!! ${missing}\n\n`);
  describe.skip(`${title} (skipped: ${missing})`, suite);
}
