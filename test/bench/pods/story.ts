/** What all components take while the whole story is played: WordPress and Loomworks side by side. */
import { toStandardError } from "../../cluster/build/builder";
import { loomworksStory } from "../../e2e/loomworks/story";
import { Played, StoryFrame } from "../../e2e/story";
import { closeShop, untilShopClosed } from "../../e2e/wordpress/shop";
import { wordpressStory } from "../../e2e/wordpress/story";
import type { Sampler } from "./sampler";
import type { Stage } from "./stage";
import type { Taken } from "./usage";

export interface StoryFigures {
  readonly steps: readonly Played[];
  readonly taken: readonly Taken[];
}

/** The story opens the shop itself: the bench's closes first. */
export async function playStory({ world }: Stage, sampler: Sampler): Promise<StoryFigures> {
  await closeShop(world);
  await untilShopClosed(world);
  const frame = new StoryFrame({ report: toStandardError });
  const { taken } = await sampler.during(() =>
    Promise.all([wordpressStory(frame, world), loomworksStory(frame, world)]),
  );
  return { steps: frame.played, taken };
}
