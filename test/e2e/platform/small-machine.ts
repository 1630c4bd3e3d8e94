/** What differs from Pulumi.staging.yaml where one small machine is the cluster, and why. */
import type { Stack } from "../../../constructs/settings";
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

/** Addresses of a cluster, as far as it tells them. */
export interface ClusterAddresses {
  readonly apiServer?: { readonly address: string; readonly port: number };
  /** Of any of its pods. */
  readonly pod?: string;
}

/** All differences, those included that follow from the cluster's own addresses. */
export function differences({ apiServer, pod }: ClusterAddresses): Difference[] {
  const because = "there the API server of this cluster is";
  return [
    ...ALWAYS,
    ...(apiServer && isPrivate(apiServer.address)
      ? [{ setting: "clones.apiServer.network", value: `${apiServer.address}/32`, because }]
      : []),
    ...(apiServer ? [{ setting: "clones.apiServer.port", value: apiServer.port, because }] : []),
    ...(pod !== undefined && isPrivate(pod)
      ? [
          {
            setting: "clones.sharedDatabase.network",
            // As much as the setting takes: pods of one cluster have addresses of one such range.
            value: pod.replace(/\d+\.\d+$/, "0.0/16"),
            because: "there the pods of this cluster are, and the shared MySQL among them",
          },
        ]
      : []),
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
