/** What a stack costs a month, from what the program registers: one line for each kind of thing that AWS bills. */
import { assertNoProblems } from "../../../constructs/shared/problems";
import type { Plan, PlannedResource } from "../model";
import type { KubernetesObject } from "../report/kubernetes";
import { isObject, withManifests } from "./applied";
import { ASSUMPTIONS, Assumptions } from "./assumptions";
import { comparisonOf } from "./comparison";
import { CostContext } from "./context";
import { FREE_TYPES } from "./free";
import { groupBy } from "../group-by";
import { leversOf } from "./levers";
import { controlPlaneLines, nodeGroupLines } from "./lines/cluster";
import { databaseLines, dedicatedDatabaseLines, fileSystemLines } from "./lines/data";
import { addressLines, balancerLines, endpointLines, natLines, transferLines, zoneLines } from "./lines/network";
import { nodePoolLines } from "./lines/pools";
import { doorLines } from "./lines/doors";
import { bucketLines, keyLines, logLines, queueLines } from "./lines/storage";
import { claimLines, claimTemplateLines, releaseVolumeLines } from "./lines/volumes";
import { CostLine, StackCost, sumOf, System } from "./model";
import { Region, REGIONS } from "./prices";

type LinesOf = (resources: readonly PlannedResource[], context: CostContext) => CostLine[];

/** What is billed, by the type that it comes from. */
export const PRICED: Readonly<Record<string, LinesOf>> = {
  "aws:cloudwatch/logGroup:LogGroup": logLines,
  "aws:ec2/eip:Eip": addressLines,
  "aws:ec2/natGateway:NatGateway": natLines,
  "aws:ec2/vpc:Vpc": transferLines,
  "aws:ec2/vpcEndpoint:VpcEndpoint": endpointLines,
  "aws:efs/fileSystem:FileSystem": fileSystemLines,
  "aws:eks/nodeGroup:NodeGroup": nodeGroupLines,
  "aws:kms/key:Key": keyLines,
  "aws:lb/loadBalancer:LoadBalancer": balancerLines,
  "aws:rds/instance:Instance": databaseLines,
  "aws:route53/zone:Zone": zoneLines,
  "aws:s3/bucket:Bucket": bucketLines,
  "aws:sqs/queue:Queue": queueLines,
  "eks:index:Cluster": controlPlaneLines,
  "kubernetes:apps/v1:StatefulSet": claimTemplateLines,
  "kubernetes:core/v1:PersistentVolumeClaim": claimLines,
  "kubernetes:core/v1:Service": doorLines,
  "kubernetes:helm.sh/v3:Release": releaseVolumeLines,
  "kubernetes:karpenter.sh/v1:NodePool": nodePoolLines,
  "kubernetes:kro.run/v1alpha1:ResourceGraphDefinition": dedicatedDatabaseLines,
  "kubernetes:networking.k8s.io/v1:Ingress": doorLines,
};

export interface CostOptions {
  /** Objects that are applied though the plan doesn't register them, as Argo CD does; those of both count once. */
  readonly manifests?: readonly KubernetesObject[];
  /** Region whose prices are taken. @default that of the stack */
  readonly region?: string;
  readonly assumptions?: Partial<Assumptions>;
}

/**
 * Nothing for a plan that makes nothing in AWS.
 *
 * @throws {InvalidInputError} if a price is missing, or a resource is neither priced nor known to be free
 */
export function costOf(plan: Plan, options: CostOptions = {}): StackCost | undefined {
  const own = plan.resources.find(({ type }) => type === "pulumi:providers:aws")?.inputs.region as string | undefined;
  if (own === undefined) return undefined;
  const region = regionOf(options.region ?? own);
  const whole = withManifests(plan, options.manifests ?? []);
  const objects = whole.resources.map(({ inputs }) => inputs).filter(isObject);
  const context = new CostContext(whole, objects, region, { ...ASSUMPTIONS, ...options.assumptions });
  const lines = linesOf(context).sort(largestFirst);
  assertNoProblems(context.problems);
  const total = sumOf(lines);
  const sumFor = (system: System) => sumOf(lines.filter((line) => line.system === system));
  const unchecked = sumOf(lines.filter(({ price }) => price.confidence === "unchecked"));
  return {
    stack: plan.stack,
    region,
    lines,
    total,
    bySystem: { platform: sumFor("platform"), clones: sumFor("clones"), loomworks: sumFor("loomworks") },
    uncheckedShare: total === 0 ? 0 : unchecked / total,
    comparison: comparisonOf(lines, context),
    levers: leversOf(lines, context),
  };
}

function regionOf(name: string): Region {
  const known = REGIONS.find((region) => region === name);
  if (known !== undefined) return known;
  assertNoProblems([
    {
      code: "COST_REGION",
      path: "aws.region",
      value: name,
      reason: `the price list has ${REGIONS.join(" and ")} alone, and the prices of another region would be wrong`,
      remedy:
        "Add the region to infra/plan/cost/prices.ts, as docs/cost.md says, or ask for the prices of one of these by --prices",
    },
  ]);
  throw new RangeError(name);
}

function linesOf(context: CostContext): CostLine[] {
  const byType = groupBy(context.plan.resources.filter(isMade), ({ type }) => type);
  return [...byType].flatMap(([type, resources]) => {
    const priced = PRICED[type];
    if (priced !== undefined) return priced(resources, context);
    return FREE_TYPES.has(type)
      ? []
      : resources.flatMap((resource) => context.unpriced(resource, `nobody said what ${type} costs`));
  });
}

/** Providers and the program's own components only hold others; a component of a package, as EKS' cluster, is what it makes. */
function isMade({ custom, type }: PlannedResource): boolean {
  return !type.startsWith("pulumi:") && (custom || !type.startsWith("loomworks:"));
}

/** Equal amounts by id, so that the order is always the same. */
function largestFirst(one: CostLine, other: CostLine): number {
  return other.usd - one.usd || one.id.localeCompare(other.id, "en");
}
