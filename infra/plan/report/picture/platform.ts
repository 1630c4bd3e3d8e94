/** The platform of a plan as a graph: boxes from its resources, lines from its security groups, bindings, claims and roles. */
import { Plan, PlannedResource, UNKNOWN } from "../../model";
import type { KubernetesObject } from "../kubernetes";
import { counted } from "../words";
import type { Bundle, Graph, PictureNode } from "./graph";
import { bandsOf, COLUMN, Part, partsOf } from "./platform-parts";

interface Line {
  readonly from: PictureNode;
  readonly to: PictureNode;
  /** What is spoken: `TCP 3306`. */
  readonly says: string;
  /** What admits it. */
  readonly by: string;
}

const INTERNET: PictureNode = {
  id: "internet",
  title: "Internet",
  subtitle: "browsers, API clients",
  detail: "everybody",
  role: "source",
  closed: false,
  column: COLUMN.outside,
};

/** @returns a graph without nodes where the plan makes no network, as one for a given cluster does */
export function platformOf(plan: Plan): Graph {
  const bands = bandsOf(plan);
  if (bands.length === 0) return { nodes: [], bundles: [] };
  const parts = partsOf(plan);
  const lines = [
    ...doorLines(plan, parts),
    ...routeLines(parts),
    ...dataLines(plan, parts),
    ...identityLines(parts),
    ...poolLines(parts),
  ];
  const onward = lines.filter(({ from, to }) => columnOf(from) < columnOf(to));
  const touched = new Set(onward.flatMap(({ from, to }) => [from.id, to.id]));
  const isMore = ({ node }: Part) => node.column === COLUMN.addons && !touched.has(node.id);
  const shown = parts.filter((part) => !isMore(part)).map(({ node }) => node);
  return { nodes: [INTERNET, ...shown, ...moreAddons(parts.filter(isMore))], bundles: bundlesOf(onward), bands };
}

/** Charts that nothing is known of but that they are there, in one box. */
function moreAddons(parts: readonly Part[]): PictureNode[] {
  const names = parts.map(({ node }) => node.title).join(", ");
  const [first] = parts;
  if (first === undefined) return [];
  return [{ ...first.node, id: "more", title: counted(parts.length, "more chart"), subtitle: names, detail: names }];
}

function columnOf({ column = 0 }: PictureNode): number {
  return column;
}

function bundlesOf(lines: readonly Line[]): Bundle[] {
  const bundles = new Map<string, Bundle>();
  for (const { from, to, says, by } of lines) {
    const key = JSON.stringify([to.id, says, by]);
    const before = bundles.get(key) ?? { target: to.id, sources: [], ports: says, services: by };
    bundles.set(key, { ...before, sources: [...new Set([...before.sources, from.id])] });
  }
  return [...bundles.values()];
}

/** From the internet through the load balancer to the pods that a TargetGroupBinding names. */
function doorLines(plan: Plan, parts: readonly Part[]): Line[] {
  const balancer = withType(parts, "aws:lb/loadBalancer:LoadBalancer");
  const bound = withType(parts, "kubernetes:elbv2.k8s.aws/v1beta1:TargetGroupBinding");
  if (balancer === undefined) return [];
  const open = portsOf(rulesOf(plan, "Ingress", balancer).filter(({ inputs }) => inputs.cidrIpv4 === "0.0.0.0/0"));
  const onward = portsOf(rulesOf(plan, "Egress", balancer));
  return [
    ...(open === "" ? [] : [{ from: INTERNET, to: balancer.node, says: open, by: "security group" }]),
    ...(bound === undefined ? [] : [{ from: balancer.node, to: bound.node, says: onward, by: "TargetGroupBinding" }]),
  ];
}

/** From the controller of an Ingress to the namespace that it leads to. */
function routeLines(parts: readonly Part[]): Line[] {
  return parts.flatMap(({ node, resources }) => {
    const ingresses = resources.filter(({ type }) => type === "kubernetes:networking.k8s.io/v1:Ingress");
    const classes = new Set(
      ingresses.map(({ inputs }) => (inputs.spec as { ingressClassName?: string }).ingressClassName),
    );
    return parts
      .filter((part) => part.node.column === COLUMN.addons && classes.has(part.node.title))
      .map((controller) => ({
        from: controller.node,
        to: node,
        says: "HTTP",
        by: counted(ingresses.length, "Ingress rule"),
      }));
  });
}

/** From namespaces to what keeps their data: by a policy that admits the port, or by a claim. */
function dataLines(plan: Plan, parts: readonly Part[]): Line[] {
  const database = withType(parts, "aws:rds/instance:Instance");
  const files = withType(parts, "aws:efs/fileSystem:FileSystem");
  const namespaces = parts.filter(
    ({ resources }) =>
      resources.some(({ type }) => type === "kubernetes:core/v1:Namespace") || resources.some(isPolicy),
  );
  const classes = new Set(
    plan.resources
      .filter(
        ({ type, inputs }) =>
          type.endsWith(":StorageClass") && JSON.stringify(inputs.parameters ?? {}).includes("fileSystemId"),
      )
      .map(({ inputs }) => (inputs as unknown as KubernetesObject).metadata.name),
  );
  return namespaces.flatMap(({ node, resources }): Line[] => {
    const asks = (port: number) =>
      resources.some(
        (resource) => isPolicy(resource) && JSON.stringify(resource.inputs.spec).includes(`"port":${port},`),
      );
    const claims = resources.filter(
      ({ type, inputs }) =>
        type.endsWith(":PersistentVolumeClaim") &&
        classes.has(String((inputs.spec as { storageClassName?: string }).storageClassName)),
    );
    return [
      ...(database !== undefined && asks(Number(resourceOf(database).inputs.port))
        ? [{ from: node, to: database.node, says: admitted(plan, database), by: "security group" }]
        : []),
      ...(files !== undefined && claims.length > 0
        ? [{ from: node, to: files.node, says: admitted(plan, files), by: counted(claims.length, "claim") }]
        : []),
    ];
  });
}

/** From pods with a role to the resources that its statements name. */
function identityLines(parts: readonly Part[]): Line[] {
  return parts.flatMap(({ node, resources }) => {
    const policies = resources
      .filter(({ type }) => type === "aws:iam/rolePolicy:RolePolicy")
      .map(({ inputs }) => String(inputs.policy));
    return parts
      .filter(
        (target) =>
          target.node.id !== node.id &&
          policies.some((policy) => target.resources.some((resource) => names(policy, resource))),
      )
      .map((target) => ({ from: node, to: target.node, says: "AWS API", by: "Pod Identity" }));
  });
}

function names(policy: string, { name, type, inputs }: PlannedResource): boolean {
  if (!type.startsWith("aws:") || type.startsWith("aws:iam/")) return false;
  const literal = type === "aws:sqs/queue:Queue" && policy.includes(`:${String(inputs.name)}"`);
  return literal || ["arn", "id", "name"].some((what) => policy.includes(`[${what} of ${name}]`));
}

/** From what starts nodes to the pools that it starts them for. */
function poolLines(parts: readonly Part[]): Line[] {
  const starter = parts.find(({ node }) => node.title === "karpenter");
  if (starter === undefined) return [];
  const pools = parts.filter(({ resources }) => resources[0]?.type === "kubernetes:karpenter.sh/v1:NodePool");
  return pools.map(({ node }) => ({ from: starter.node, to: node, says: "starts nodes", by: "NodePool" }));
}

function withType(parts: readonly Part[], type: string): Part | undefined {
  return parts.find(({ resources }) => resources.some((resource) => resource.type === type));
}

function resourceOf({ node, resources }: Part): PlannedResource {
  const found = resources.find(({ urn }) => urn === node.id);
  if (found === undefined) throw new Error(`no resource of ${node.detail}`);
  return found;
}

function isPolicy({ type }: PlannedResource): boolean {
  return type === "kubernetes:networking.k8s.io/v1:NetworkPolicy";
}

/** Ports that a part's security group admits from the cluster's own, which EKS makes. */
function admitted(plan: Plan, part: Part): string {
  return portsOf(rulesOf(plan, "Ingress", part).filter(({ inputs }) => inputs.referencedSecurityGroupId === UNKNOWN));
}

function rulesOf({ resources }: Plan, direction: "Ingress" | "Egress", part: Part): PlannedResource[] {
  const given = JSON.stringify(part.resources.map(({ inputs }) => inputs));
  return resources.filter(
    ({ type, inputs }) =>
      type === `aws:vpc/securityGroup${direction}Rule:SecurityGroup${direction}Rule` &&
      given.includes(`"${String(inputs.securityGroupId)}"`),
  );
}

function portsOf(rules: readonly PlannedResource[]): string {
  const ports = [...new Set(rules.map(({ inputs }) => Number(inputs.fromPort)))].sort((one, other) => one - other);
  return ports.length === 0 ? "" : `TCP ${ports.join(", ")}`;
}
