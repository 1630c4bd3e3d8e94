/** Runs work whose parts wait for each other. */
import { InvalidInputError, Problem } from "../../../../constructs/shared/problems";

export interface Part {
  readonly urn: string;
  /** URNs; those of no part are taken for done. */
  readonly dependsOn: readonly string[];
}

/**
 * Runs each part when all that it depends on is done, as many at once as may. What depends on a part that failed is left
 * out; everything else is tried, so that one run tells all that is wrong.
 *
 * @param parts in an order in which each comes after what it depends on, as a program registers them
 * @throws {InvalidInputError} with the problems of every part that failed
 */
export async function inOrder<P extends Part>(parts: readonly P[], run: (part: P) => Promise<void>): Promise<void> {
  const done = new Map<string, Promise<boolean>>();
  const problems: Problem[] = [];
  for (const part of parts) {
    const before = part.dependsOn.flatMap((urn) => done.get(urn) ?? []);
    done.set(
      part.urn,
      Promise.all(before).then(async (all) => {
        if (all.includes(false)) return false;
        try {
          await run(part);
          return true;
        } catch (error) {
          if (!(error instanceof InvalidInputError)) throw error;
          problems.push(...error.problems);
          return false;
        }
      }),
    );
  }
  await Promise.all(done.values());
  if (problems.length > 0) throw new InvalidInputError(problems);
}
