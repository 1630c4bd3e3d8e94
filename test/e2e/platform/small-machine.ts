/** What differs from Pulumi.staging.yaml where one small machine is the cluster, and why. */
import type { Stack } from "../../../constructs/settings";
import type { KubeObject } from "../../cluster";
import type { ProjectCopy } from "../../support/pulumi-project";

/** The stack that the story plays on. */
export const STACK: Stack = "staging";

export interface Difference {
  /** As in docs/settings.md. */
  readonly setting: string;
  readonly value: unknown;
  readonly because: string;
}

/** Whatever the machine is. */
const ALWAYS: readonly Difference[] = [
  {
    setting: "loomworks.odoo.maxReplicas",
    value: 3,
    because: "two CPUs hold no fourth beside the clones, and one more than the least shows the autoscaler",
  },
  { setting: "loomworks.odoo.firstDatabase", value: "acme", because: "the story needs a company to serve" },
  { setting: "loomworks.backup.offsite.enabled", value: false, because: "there is no bucket to copy to" },
  {
    setting: "clones.service.maxReplicas",
    value: 2,
    because: "what pods ask for is capped, so that 70 % of it is little: the API would scale to ten",
  },
  {
    setting: "clones.service.allowPrivateSources",
    value: true,
    because: "the site that is cloned has an address of this cluster, which production refuses",
  },
  {
    setting: "clones.service.warmPool.reuse",
    value: true,
    because: "the story looks for a customer's traces in a reused pod",
  },
];

/**
 * All differences, those included that follow from the cluster's own addresses.
 *
 * @param endpoints EndpointSlice of the API server's Service
 */
export function differences(endpoints: KubeObject | undefined): Difference[] {
  const address: unknown = endpoints?.endpoints?.[0]?.addresses?.[0];
  const port: unknown = endpoints?.ports?.[0]?.port;
  if (typeof address !== "string" || typeof port !== "number") return [...ALWAYS];
  const because = "there the API server of this cluster is";
  return [
    ...ALWAYS,
    ...(isPrivate(address) ? [{ setting: "clones.apiServer.network", value: `${address}/32`, because }] : []),
    { setting: "clones.apiServer.port", value: port, because },
  ];
}

export function writeDifferences(project: ProjectCopy, made: readonly Difference[]): void {
  for (const { setting, value } of made) project.set(STACK, setting, value);
}

/** One line each, for people. */
export function tell(made: readonly Difference[]): string {
  const lines = made.map(({ setting, value, because }) => `  ${setting}: ${String(value)} (${because})`);
  return [`Settings that differ from Pulumi.${STACK}.yaml:`, ...lines].join("\n");
}

/** The setting takes no other network; only where policies are enforced would a public one matter. */
function isPrivate(address: string): boolean {
  return /^(10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.)/.test(address);
}
