/** What of a plan the platform's picture shows, column by column, and the resources that each box stands for. */
import type { Plan, PlannedResource } from "../../model";
import { CAPACITY_TYPE, poolName, requirementOf } from "../../node-pools";
import { below, Branch, forestOf } from "../../tree";
import { namespaceOf, isWorkload, KubernetesObject } from "../kubernetes";
import { counted } from "../words";
import type { Band, PictureNode } from "./graph";

/** A box, and what it is drawn from. */
export interface Part {
  readonly node: PictureNode;
  readonly resources: readonly PlannedResource[];
}

/** From left to right: the way of a request, then what the cluster uses. */
export const COLUMN = { outside: 0, front: 1, addons: 2, pods: 3, data: 4, aws: 5 } as const;

type Column = keyof typeof COLUMN;

export function partsOf(plan: Plan): Part[] {
  const all = plan.resources;
  const branches = forestOf(plan).flatMap(allBranches);
  const ofType = (type: string) => all.filter((resource) => resource.type === type);
  const each = (column: Column, type: string, title: Title, subtitle: Title): Part[] =>
    ofType(type).map((resource) =>
      part(column, resource, title(resource), subtitle(resource), around(resource, branches)),
    );
  return [
    ...each(
      "front",
      "aws:lb/loadBalancer:LoadBalancer",
      () => "Load balancer",
      ({ inputs }) => `${String(inputs.internal) === "true" ? "internal" : "public"} ALB`,
    ),
    ...each(
      "front",
      "aws:ec2/natGateway:NatGateway",
      ({ name }) => `NAT ${name.split("-").at(-1) ?? ""}`,
      () => "way out of private subnets",
    ),
    ...addonsOf(branches),
    ...namespacesOf(all),
    ...each("pods", "aws:eks/nodeGroup:NodeGroup", () => "System nodes", nodeGroupText),
    ...each("pods", "kubernetes:karpenter.sh/v1:NodePool", (pool) => `Pool ${poolName(pool)}`, poolText),
    ...endpointsOf(ofType("aws:ec2/vpcEndpoint:VpcEndpoint")),
    ...each(
      "data",
      "eks:index:Cluster",
      () => "EKS control plane",
      ({ inputs }) => (inputs.endpointPublicAccess === true ? "private and public endpoint" : "private endpoint"),
    ),
    ...each("data", "aws:rds/instance:Instance", () => "RDS MySQL", databaseText),
    ...each(
      "data",
      "aws:efs/fileSystem:FileSystem",
      () => "EFS",
      ({ inputs }) => `${inputs.encrypted === true ? "encrypted, " : ""}one target a zone`,
    ),
    ...each(
      "aws",
      "aws:s3/bucket:Bucket",
      ({ name }) => `S3 ${name.replace(/^storage-|-bucket$/g, "")}`,
      ({ inputs }) => (inputs.objectLockEnabled === true ? "locked objects" : "private"),
    ),
    ...each(
      "aws",
      "aws:sqs/queue:Queue",
      () => "SQS interruptions",
      () => "filled by EventBridge",
    ),
    ...zonesOf(ofType("aws:route53/zone:Zone")),
  ];
}

type Title = (resource: PlannedResource) => string;

/** VPC and subnets as frames, with a line for each zone. */
export function bandsOf({ resources }: Plan): Band[] {
  const [vpc] = resources.filter(({ type }) => type === "aws:ec2/vpc:Vpc");
  if (vpc === undefined) return [];
  const subnets = resources.filter(({ type }) => type === "aws:ec2/subnet:Subnet");
  const lines = (tier: string) =>
    subnets
      .filter(({ name }) => name.includes(`-${tier}-`))
      .map(({ inputs }) => `${String(inputs.availabilityZone)}  ${String(inputs.cidrBlock)}`);
  const band = (title: string, tier: string, from: Column, to: Column): Band => ({
    title,
    lines: lines(tier),
    from: COLUMN[from],
    to: COLUMN[to],
  });
  return [
    { title: `VPC ${String(vpc.inputs.cidrBlock)}`, lines: [], from: COLUMN.front, to: COLUMN.data, outer: true },
    band("Public subnets", "public", "front", "front"),
    band("Private subnets: nodes and pods", "private", "addons", "pods"),
    band("Intra subnets: no way out", "intra", "data", "data"),
  ];
}

function allBranches(branch: Branch): Branch[] {
  return [branch, ...branch.children.flatMap(allBranches)];
}

function part(
  column: Column,
  resource: PlannedResource,
  title: string,
  subtitle: string,
  resources: readonly PlannedResource[],
): Part {
  const role = column === "aws" ? "sink" : "pods";
  return {
    node: { id: resource.urn, title, subtitle, detail: resource.path, role, closed: true, column: COLUMN[column] },
    resources,
  };
}

/** What stands in the same component: a bucket's own settings, a database's subnet group. */
function around(resource: PlannedResource, branches: readonly Branch[]): PlannedResource[] {
  const component = branches.find(({ children }) => children.some((child) => child.resource === resource));
  return component === undefined
    ? [resource]
    : [resource, ...component.children.map((child) => child.resource).filter(({ type }) => type !== resource.type)];
}

function addonsOf(branches: readonly Branch[]): Part[] {
  const charts = branches.filter(
    ({ resource, children }) => resource.type === "loomworks:addons:HelmAddon" && children.some(isRelease),
  );
  return charts.map((branch) => {
    const { inputs } = branch.children.find(isRelease)?.resource ?? branch.resource;
    const subtitle = `chart ${String(inputs.version)}`;
    return part("addons", branch.resource, branch.resource.name, subtitle, below(branch));
  });
}

function isRelease({ resource }: Branch): boolean {
  return resource.type.endsWith(":Release");
}

/** Namespaces with pods of dist. */
function namespacesOf(all: readonly PlannedResource[]): Part[] {
  const objects = all.filter(
    ({ type, inputs }) => type.startsWith("kubernetes:") && "metadata" in inputs && !type.endsWith(":Release"),
  );
  const namespaces = objects.filter(
    ({ type, path }) => type === "kubernetes:core/v1:Namespace" && path.startsWith("namespaces >"),
  );
  return namespaces.map((namespace) => {
    const name = nameIn(namespace.inputs);
    const own = objects.filter(({ inputs }) => namespaceOf(inputs as unknown as KubernetesObject) === name);
    const workloads = own.filter(({ inputs }) => isWorkload(inputs as unknown as KubernetesObject)).length;
    const subtitle = workloads === 0 ? "namespace of clones" : `namespace, ${counted(workloads, "workload")}`;
    return part("pods", namespace, name, subtitle, [...own, ...rolesOf(all, name)]);
  });
}

/** What pods of a namespace get by Pod Identity: the association's neighbours in its component. */
function rolesOf(all: readonly PlannedResource[], namespace: string): PlannedResource[] {
  const associations = all.filter(({ type }) => type === "aws:eks/podIdentityAssociation:PodIdentityAssociation");
  const components = associations.filter(({ inputs }) => inputs.namespace === namespace).map(({ parent }) => parent);
  return all.filter(({ parent }) => parent !== undefined && components.includes(parent));
}

function nodeGroupText({ inputs }: PlannedResource): string {
  const { desiredSize = 0 } = inputs.scalingConfig as { desiredSize?: number };
  const [type = ""] = inputs.instanceTypes as string[];
  return `${desiredSize} × ${type}, ${String(inputs.capacityType).toLowerCase().replace("_", "-")}`;
}

function poolText(pool: PlannedResource): string {
  const { limits } = pool.inputs.spec as { limits: { cpu: string } };
  return `up to ${limits.cpu} CPU, ${requirementOf(pool, CAPACITY_TYPE).join(", ")}`;
}

function databaseText({ inputs }: PlannedResource): string {
  return `${String(inputs.engineVersion)}, ${String(inputs.instanceClass)}${inputs.multiAz === true ? ", two zones" : ""}`;
}

function endpointsOf(endpoints: readonly PlannedResource[]): Part[] {
  const interfaces = endpoints.filter(({ inputs }) => inputs.vpcEndpointType === "Interface");
  const [first] = interfaces;
  if (first === undefined) return [];
  const services = interfaces.map(({ inputs }) => String(inputs.serviceName).split(".").slice(3).join("."));
  return [part("pods", first, counted(interfaces.length, "private endpoint"), services.join(", "), interfaces)];
}

function zonesOf(zones: readonly PlannedResource[]): Part[] {
  const [first] = zones;
  if (first === undefined) return [];
  return [part("aws", first, "Route 53", counted(zones.length, "hosted zone"), zones)];
}

function nameIn(inputs: PlannedResource["inputs"]): string {
  return (inputs as unknown as KubernetesObject).metadata.name;
}
