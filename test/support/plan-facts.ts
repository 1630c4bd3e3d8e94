/** What a plan holds, short enough to be read in a table: test/infra/resources.yaml. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import type { Plan, PlannedResource } from "../../infra/plan/model";
import { REPOSITORY } from "./pulumi-project";

type Lists = Readonly<Record<string, readonly string[]>>;

export interface PlanFacts {
  /** Children of each component, by the last part of their type; what waves apply of dist is held elsewhere. */
  readonly children: Readonly<Record<string, Lists>>;
  /**
   * What has to be ready before, though no input comes from it: neighbours in the same component, or the part of the
   * program that it belongs to. What a component waits for isn't said again of its children.
   */
  readonly after: Lists;
  /** Ids of the statements, and names of AWS's own policies, by role. */
  readonly rights: Lists;
  /** Ids of the statements that buckets, keys, queues and file systems carry. */
  readonly guards: Lists;
  readonly subnets: Readonly<Record<string, string>>;
  /** Of security groups: from where, by which ports. */
  readonly rules: Readonly<Record<string, string>>;
  /** Tags beside those that the provider gives everything. */
  readonly tags: Lists;
}

const WAVE = "loomworks:manifests:Wave";
const ROLE = "aws:iam/role:Role";

/** The cluster's name has `<stack>` in it, so that both stacks' are the same. */
export function factsOf(plan: Plan): PlanFacts {
  const neutral = (text: string) =>
    text.replaceAll(new RegExp(`^(.*=)?(loomworks-(?:platform-)?)${plan.stack}`, "g"), "$1$2<stack>");
  const byUrn = new Map(plan.resources.map((one) => [one.urn, one]));
  const parentOf = ({ parent }: PlannedResource) => (parent === undefined ? undefined : byUrn.get(parent));
  const own = plan.resources.filter((one) => parentOf(one) !== undefined && parentOf(one)!.type !== WAVE);
  const ancestors = (one: PlannedResource): PlannedResource[] => {
    const parent = parentOf(one);
    return parent === undefined ? [one] : [...ancestors(parent), one];
  };
  /** What `urn` is to `one`: the first of its ancestors that isn't one of both. */
  const neighbour = (one: PlannedResource, urn: string) => {
    const shared = ancestors(one);
    return ancestors(byUrn.get(urn)!).find((other) => !shared.includes(other))!.name;
  };
  const ofType = (pattern: RegExp) => own.filter(({ type }) => pattern.test(type));

  const children: Record<string, Record<string, string[]>> = {};
  const after: Record<string, string[]> = {};
  for (const one of own) {
    const ofComponent = (children[neutral(parentOf(one)!.name)] ??= {});
    (ofComponent[one.type.split(":").at(-1)!] ??= []).push(neutral(one.name));
    const known = new Set([...Object.values(one.sources ?? {}).flat(), ...(parentOf(one)?.dependsOn ?? [])]);
    const waits = one.dependsOn.filter((urn) => !known.has(urn));
    const names = new Set(waits.map((urn) => neighbour(one, urn)));
    if (names.size > 0) after[one.name] = [...(after[one.name] ?? []), ...names];
  }
  return sorted({
    children,
    after,
    rights: Object.fromEntries(ofType(/:iam\/role:Role$/).map((role) => [neutral(role.name), rightsOf(role, own)])),
    guards: Object.fromEntries(
      own
        .filter(({ type, inputs }) => type !== ROLE && !isRight(type) && sidsOf(inputs.policy).length > 0)
        .map(({ name, inputs }) => [neutral(name), sidsOf(inputs.policy)]),
    ),
    subnets: Object.fromEntries(
      ofType(/:Subnet$/).map(({ name, inputs }) => [name, [inputs.availabilityZone, inputs.cidrBlock].join(" ")]),
    ),
    rules: Object.fromEntries(ofType(/:SecurityGroup(Ingress|Egress)Rule$/).map((rule) => [rule.name, ruleText(rule)])),
    tags: tagsOf(own, neutral),
  });
}

/** The table of one stack: what both have, and what it has alone. */
export function expectedFacts(stack: Plan["stack"]): PlanFacts {
  const table = parse(readFileSync(join(REPOSITORY, "test", "infra", "resources.yaml"), "utf8"));
  return sorted(merged(table.both, table[stack] ?? {}));
}

const isRight = (type: string) => type === "aws:iam/rolePolicy:RolePolicy";

function rightsOf(role: PlannedResource, resources: readonly PlannedResource[]): string[] {
  return resources
    .filter(({ inputs }) => inputs.role === `[name of ${role.name}]`)
    .flatMap(({ type, inputs }) =>
      isRight(type) ? sidsOf(inputs.policy) : String(inputs.policyArn).split("/").at(-1)!,
    );
}

function sidsOf(policy: unknown): string[] {
  if (typeof policy !== "string" || !policy.startsWith("{")) return [];
  return [JSON.parse(policy).Statement].flat().map(({ Sid }: { Sid: string }) => Sid);
}

/** The cluster's own group is made by a component of a package, so that only its source says which it is. */
function ruleText({ type, inputs, sources = {} }: PlannedResource): string {
  const group = (field: string) => sources[field]?.map((urn) => urn.split("::").at(-1)).join() ?? "nobody";
  const other = typeof inputs.cidrIpv4 === "string" ? inputs.cidrIpv4 : group("referencedSecurityGroupId");
  const both = [other, group("securityGroupId")];
  const [from, to] = type.endsWith("EgressRule") ? both.reverse() : both;
  return `${from} → ${to}, ${[inputs.ipProtocol, inputs.fromPort, inputs.toPort].join(" ")}`;
}

function tagsOf(resources: readonly PlannedResource[], neutral: (text: string) => string): Record<string, string[]> {
  const tagged = resources.flatMap(({ name, type, inputs }) => {
    const { tags } = inputs;
    if (typeof tags !== "object" || tags === null) return [];
    const texts = Object.entries(tags).map(([key, value]) => neutral(`${key}=${String(value)}`));
    return [[`${neutral(name)} ${type.split(":").at(-1)}`, texts] as const];
  });
  return Object.fromEntries(tagged);
}

function merged(one: any, other: any): any {
  if (Array.isArray(one) && Array.isArray(other)) return [...one, ...other];
  if (typeof one !== "object" || typeof other !== "object") return other ?? one;
  const keys = new Set([...Object.keys(one), ...Object.keys(other)]);
  return Object.fromEntries(
    [...keys].map((key) => [key, key in one ? (key in other ? merged(one[key], other[key]) : one[key]) : other[key]]),
  );
}

/** Lists in the order of the alphabet: what comes first says nothing here. */
function sorted(value: any): any {
  if (Array.isArray(value)) return [...value].sort();
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, sorted(value[key])]),
  );
}
