import type { Cluster } from "../../cluster";
import { StoryFrame } from "../story";
import type { Platform } from "./index";
import { applyAgain, destroy } from "./steps";

const frame = () => new StoryFrame({ report: () => undefined });
const outcomes = ({ played }: StoryFrame) => played.map(({ outcome, detail }) => `${outcome}: ${detail}`);

const applying = (changes: readonly string[]) =>
  ({ again: () => Promise.resolve({ objects: 215, changes }) }) as unknown as Platform;

const settings = { loomworks: { namespace: "loomworks" } };
const destroyable = { settings, destroy: () => Promise.resolve("215 gone") } as unknown as Platform;

const clusterOf = (...names: readonly string[]) => {
  const list = () => Promise.resolve(names.map((name) => ({ metadata: { name } })));
  return { client: { list } } as unknown as Cluster;
};

describe("The platform's own steps", () => {
  it("are content if nothing changes by applying once more", async () => {
    const story = frame();
    await applyAgain(story, applying([]));
    expect(outcomes(story)).toEqual(["passed: 215 are as they were"]);
  });

  it("name what does change", async () => {
    const story = frame();
    await applyAgain(story, applying(["update Deployment loomworks/odoo"]));
    expect(outcomes(story)).toEqual([
      expect.stringMatching(/^failed: .*1 of 215 did: update Deployment loomworks\/odoo/),
    ]);
  });

  it("destroy what can be destroyed, and see that its namespaces are gone", async () => {
    const story = frame();
    await destroy(story, clusterOf("default"), destroyable);
    expect(outcomes(story)).toEqual(["passed: 215 gone"]);
  });

  it("name the namespace that stays", async () => {
    const story = frame();
    await destroy(story, clusterOf("default", "wordpress-staging"), destroyable);
    expect(outcomes(story)).toEqual([expect.stringMatching(/^failed: .*wordpress-staging is still there/)]);
  });

  it("play no destroy by waves, which keep no list of what they applied", async () => {
    const story = frame();
    await destroy(story, clusterOf(), { settings } as unknown as Platform);
    expect(story.played).toEqual([]);
  });

  it("destroy nothing after a step that failed", async () => {
    const story = frame();
    await story.step("A clone ends", [], () => Promise.reject(new Error("it stays")));
    await destroy(story, clusterOf(), destroyable);
    expect(outcomes(story)[1]).toBe('skipped: it needs "A clone ends"');
  });
});
