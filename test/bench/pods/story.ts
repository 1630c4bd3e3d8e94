/** What all components take while the whole story is played: WordPress and Loomworks side by side. */
import { eventually } from "../../cluster";
import { toStandardError } from "../../cluster/build/builder";
import { loomworksStory } from "../../e2e/loomworks/story";
import { Played, StoryFrame } from "../../e2e/story";
import { closeShop } from "../../e2e/wordpress/shop";
import { wordpressStory } from "../../e2e/wordpress/story";
import type { Sampler } from "./sampler";
import type { Stage } from "./stage";
import type { Taken } from "./usage";

export interface StoryFigures {
  readonly steps: readonly Played[];
  readonly taken: readonly Taken[];
}

/** The story opens the shop itself: the bench's closes first. */
export async function playStory({ world, shop }: Stage, sampler: Sampler): Promise<StoryFigures> {
  const { client } = world.cluster;
  const { hostname } = new URL(shop.url);
  const metadata = { name: hostname.split(".")[1] ?? "" };
  await closeShop(world);
  await eventually(async () => (await client.find({ apiVersion: "v1", kind: "Namespace", metadata })) === undefined, {
    what: "the end of the bench's shop",
    timeoutMs: 120_000,
    intervalMs: 500,
  });
  const frame = new StoryFrame({ report: toStandardError });
  const { taken } = await sampler.during(() =>
    Promise.all([wordpressStory(frame, world), loomworksStory(frame, world)]),
  );
  return { steps: frame.played, taken };
}
