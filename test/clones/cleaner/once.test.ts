import { ApiException } from "@kubernetes/client-node";
import { cleanOnce } from "../../../clones/cleaner/once";
import type { Reaper } from "../../../clones/cleaner/reaper";
import { reapCopies } from "../../../clones/copies/reaper";
import type { Kube, Resource } from "../../../clones/provisioner/kube";
import { FakeClock } from "../fake-clock";

const clock = new FakeClock("2026-02-05T14:30:22Z");
const reaper = {} as unknown as Reaper;

/** A server that answers each list of clones or copies with this, and has nothing else. */
const answering = (code: number) =>
  ({
    list: ({ plural }: Resource) =>
      ["wordpressclones", "odoocopies"].includes(plural)
        ? Promise.reject(new ApiException(code, "no", JSON.stringify({ message: `the server says ${code}` }), {}))
        : Promise.resolve({ items: [], metadata: {} }),
  }) as unknown as Kube;

async function run(kube: Kube) {
  const lines: object[] = [];
  const log = (entry: object) => lines.push(entry);
  const clones = await cleanOnce(kube, reaper, clock, log, { namespaces: ["wordpress-staging"] });
  const copies = await reapCopies(kube, "loomworks", clock, log);
  return { failed: [clones.failed, copies.failed], lines: JSON.stringify(lines) };
}

describe("a run of the cleaner", () => {
  it("[CLONE-08] has nothing to do, and no failure, while KRO doesn't serve the kinds yet", async () => {
    expect(await run(answering(404))).toMatchObject({ failed: [0, 0] });
  });

  it.each([403, 500])("[CLONE-08] fails with the server's sentence where it may not look: %d", async (code) => {
    expect(await run(answering(code))).toEqual({
      failed: [1, 1],
      lines: expect.stringContaining(`the server says ${code}`),
    });
  });
});
