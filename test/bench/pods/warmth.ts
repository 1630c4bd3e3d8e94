/** Warm clones against cold ones, each alone in the cluster. */
import { cloneOf, CloneWish } from "../../e2e/wordpress/clones";
import { freePod, withoutPool } from "../../e2e/wordpress/pool";
import type { Stage } from "./stage";

/** Of each kind. */
const ROUNDS = 2;

const MINUTES = 30;

/** What a job says when its clone's WordPress serves, and the site's content is what is left to do. */
const SERVES = "Copying the site";

/** In seconds from the request. */
export interface Made {
  /** Until its own WordPress serves: what the pool saves. */
  readonly serves: number;
  /** Until the site is copied, which the pool can't help. */
  readonly completed: number;
}

export interface WarmthFigures {
  readonly warm: readonly Made[];
  /** With MySQL beside WordPress, as warm ones have it. */
  readonly sidecar: readonly Made[];
  readonly shared: readonly Made[];
}

export async function measureWarmth(stage: Stage): Promise<WarmthFigures> {
  const { shop, api, world } = stage;
  const make = async (wish: Pick<CloneWish, "database">): Promise<Made> => {
    const customer = wish.database ?? "warm";
    const { id, warmPod, job, seconds } = await cloneOf(shop, api, world, { customer, minutes: MINUTES, ...wish });
    const events = await api.text(`/api/v2/jobs/${job.job_id}/events`);
    await stage.removeClones();
    if ((warmPod !== "") === (wish.database !== undefined)) throw new Error(`${id}: its pod is "${warmPod}"`);
    return { serves: secondsUntil(SERVES, events), completed: seconds };
  };
  const rounds = async (wish: Pick<CloneWish, "database">) => {
    const all: Made[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      if (wish.database === undefined) await freePod(world);
      all.push(await make(wish));
    }
    return all;
  };
  // The first clone of a site also brings it the plugin.
  await make({ database: "shared" });
  const warm = await rounds({});
  return await withoutPool(world, async () => ({
    warm,
    sidecar: await rounds({ database: "sidecar" }),
    shared: await rounds({ database: "shared" }),
  }));
}

/** Seconds from a job's first event to the first one that says `message`. @param stream server-sent events */
export function secondsUntil(message: string, stream: string): number {
  const events = [...stream.matchAll(/^data: ?(.+)$/gm)].map(([, data]) => JSON.parse(data!));
  const found = events.find(({ status_message: said }) => said === message);
  return (Date.parse(found?.at) - Date.parse(events[0]?.at)) / 1000;
}
