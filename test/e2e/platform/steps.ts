/** What the story asks of the platform itself, before and after all others. */
import { CLONE_NAMESPACES, CLONE_SERVICE_NAMESPACE } from "../../../constructs/contract";
import type { Cluster } from "../../cluster";
import type { StoryFrame } from "../story";
import type { Platform } from "./index";

export async function applyAgain(frame: StoryFrame, platform: Platform): Promise<void> {
  await frame.step("Applied once more, nothing changes", ["PLAT-10"], async () => {
    const { objects, changes } = await platform.again();
    if (changes.length > 0) throw new Error(`${changes.length} of ${objects} did: ${changes.join(", ")}`);
    return `${objects} are as they were`;
  });
}

/** Only where all went well: a clone that is left of a story that broke off would keep its namespace from ending. */
export async function destroy(frame: StoryFrame, cluster: Cluster, platform: Platform): Promise<void> {
  const { destroy: remove, settings } = platform;
  if (remove === undefined) return;
  await frame.step(
    "It is destroyed, and nothing of it is left",
    ["PLAT-10"],
    async () => {
      const told = await remove();
      const spaces = (await cluster.client.list("v1", "Namespace")).map(({ metadata }) => metadata.name);
      const ours = [settings.loomworks.namespace, CLONE_SERVICE_NAMESPACE, ...Object.values(CLONE_NAMESPACES)];
      const left = ours.filter((name) => spaces.includes(name));
      if (left.length > 0) throw new Error(`${told}, but ${left.join(", ")} is still there`);
      return told;
    },
    { needs: frame.played },
  );
}
