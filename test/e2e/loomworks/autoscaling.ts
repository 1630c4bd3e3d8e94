/** Odoo under load, until its autoscaler has seen it by the figures of the metrics API. */
import { ODOO } from "../../../constructs/loomworks/odoo-pod";
import { parseQuantity } from "../../../constructs/shared/quantity";
import { eventually, KubeObject } from "../../cluster";
import type { World } from "../world";
import type { Company } from "./company";
import type { Installation } from "./installation";

/** A metrics server looks each 15 s, and counts what was between two looks. */
const SLICE_SECONDS = 15;

/** The first figures of new pods take a minute and a half, and those of a busy machine longer. */
const SCALING_MILLISECONDS = 240_000;

/** Shares of what the pods ask for together: a busy machine gives less than is taken, and one pod of several takes it. */
const LOAD_FACTOR = 3;

export interface Scaled {
  readonly from: number;
  readonly to: number;
  /** CPU use by the autoscaler's figures, in percent of the requests. */
  readonly percent: number;
}

/** Takes more CPU than the ready pods ask for together, until the autoscaler asks for more pods; then stops. */
export async function scaleUp(world: World, installation: Installation, company: Company): Promise<Scaled> {
  const { client } = world.cluster;
  const metadata = { namespace: installation.namespace, name: ODOO.name };
  const autoscaler = { apiVersion: "autoscaling/v2", kind: "HorizontalPodAutoscaler", metadata };
  const { spec } = await eventually(
    async () => {
      const found = await client.get(autoscaler);
      return percentOf(found) !== undefined && found;
    },
    { what: "figures of the metrics API", timeoutMs: SCALING_MILLISECONDS, intervalMs: 1000 },
  );
  const target = targetOf(spec.metrics);
  // Not what there are now: a rollout is load, too, and may have brought one already.
  const from = world.settings.loomworks.odoo.minReplicas;
  const load = new Load(company, LOAD_FACTOR * requested(await installation.readyOdoo()));
  try {
    const seen = await eventually(
      async () => {
        const found = await client.get(autoscaler);
        const isBusy = (percentOf(found) ?? 0) > target;
        return isBusy && Number(found.status.desiredReplicas) > from ? found : undefined;
      },
      {
        what: `more than ${from} replicas at more than ${target} % CPU`,
        timeoutMs: SCALING_MILLISECONDS,
        intervalMs: 500,
      },
    );
    return { from, to: Number(seen.status.desiredReplicas), percent: percentOf(seen) ?? 0 };
  } finally {
    await load.end();
  }
}

/** Cores that all containers of these pods ask for. */
export function requested(pods: readonly KubeObject[]): number {
  const containers = pods.flatMap(({ spec }) => spec.containers as { resources?: any }[]);
  return containers.reduce((total, { resources }) => total + parseQuantity(resources?.requests?.cpu ?? "0"), 0);
}

/** CPU use above which the autoscaler adds pods, in percent of the requests. */
function targetOf(metrics: readonly any[]): number {
  return Number(metrics.find(({ resource }) => resource?.name === "cpu").resource.target.averageUtilization);
}

function percentOf({ status }: KubeObject): number | undefined {
  const metrics: any[] = status?.currentMetrics ?? [];
  return metrics.find(({ resource }) => resource?.name === "cpu")?.resource.current.averageUtilization;
}

/** Renewed slice by slice, so that it ends with whoever asked for it. */
class Load {
  private readonly timer: NodeJS.Timeout;
  private asked: Promise<void>;

  constructor(
    private readonly company: Company,
    private readonly cores: number,
  ) {
    this.asked = this.burn();
    this.timer = setInterval(() => {
      this.asked = this.burn();
    }, SLICE_SECONDS * 1000);
  }

  async end(): Promise<void> {
    clearInterval(this.timer);
    await this.asked;
  }

  private async burn(): Promise<void> {
    // A slice that isn't taken is one of less load: the wait for the autoscaler says if it was too little.
    await this.company.burn(SLICE_SECONDS, Math.min(this.cores, 0.95)).catch(() => undefined);
  }
}
