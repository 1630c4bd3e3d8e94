/** Every IAM role of a plan: who may take it, and what it may do then. */
import type { Plan, PlannedResource } from "../../model";
import { inList } from "../words";
import { actionsText } from "./actions";
import { conditionTexts, Conditions } from "./conditions";
import { managedName, managedText } from "./managed";
import { resourcesText } from "./resources";

export interface Right {
  /** Of the statement; the same as in the policy at AWS. */
  readonly sid: string;
  readonly allowed: boolean;
  /** `read images and instances (EC2)`. */
  readonly actions: string;
  /** The actions as IAM writes them. */
  readonly names: readonly string[];
  /** `every EC2 subnet in eu-central-1`. */
  readonly resources: string;
  /** Whether one of the resources is `*`. */
  readonly onAnything: boolean;
  /** Why, by the word of who wrote the statement. */
  readonly reason?: string;
  /** Each of them has to hold. */
  readonly conditions: readonly string[];
}

export interface RoleFacts {
  /** Name in the plan, without what every role's name ends with. */
  readonly name: string;
  readonly path: string;
  /** `pods of ServiceAccount karpenter/karpenter`, `the service ec2.amazonaws.com`. */
  readonly takenBy: readonly string[];
  /** What has to hold when it is taken; of pods, whom the trust names one by one, nothing more. */
  readonly trust: readonly string[];
  readonly rights: readonly Right[];
  readonly managed: readonly { readonly name: string; readonly text?: string }[];
}

interface StatementJson {
  readonly Sid?: string;
  readonly Effect: string;
  readonly Principal?: string | Readonly<Record<string, string | readonly string[]>>;
  readonly Action?: string | readonly string[];
  readonly Resource?: string | readonly string[];
  readonly Condition?: Conditions;
}

export function rolesOf({ resources }: Plan): RoleFacts[] {
  const ofType = (type: string) => resources.filter((resource) => resource.type === type);
  const holders = (type: string, field: string, value: string) =>
    ofType(type).filter(({ inputs }) => inputs[field] === value);
  return ofType("aws:iam/role:Role").map((role): RoleFacts => {
    const { name, path, inputs } = role;
    const [nameText, arnText] = [`[name of ${name}]`, `[arn of ${name}]`];
    const trust = statementsOf(inputs.assumeRolePolicy);
    const pods = holders("aws:eks/podIdentityAssociation:PodIdentityAssociation", "roleArn", arnText);
    const bound = pods.length > 0 && pods.every((pod) => trust.every((statement) => isBoundTo(pod, statement)));
    const reasons = reasonsFor(role, resources);
    return {
      name: name.replace(/-role$/, ""),
      path,
      takenBy: pods.length > 0 ? pods.map((pod) => podsText(pod, bound)) : [...new Set(trust.flatMap(principalsOf))],
      trust: bound ? [] : trust.flatMap(({ Condition = {} }) => conditionTexts(Condition)),
      rights: holders("aws:iam/rolePolicy:RolePolicy", "role", nameText).flatMap((policy) =>
        statementsOf(policy.inputs.policy).map((statement) => rightOf(statement, reasons)),
      ),
      managed: holders("aws:iam/rolePolicyAttachment:RolePolicyAttachment", "role", nameText).map(({ inputs: own }) =>
        managedOf(String(own.policyArn)),
      ),
    };
  });
}

function statementsOf(policy: unknown): StatementJson[] {
  return (JSON.parse(String(policy)) as { Statement: StatementJson[] }).Statement;
}

/** A component says of its role's statements why they are on anything. */
function reasonsFor({ parent }: PlannedResource, resources: readonly PlannedResource[]): Record<string, string> {
  const component = resources.find(({ urn }) => urn === parent);
  return (component?.outputs?.onAnything ?? {}) as Record<string, string>;
}

function podsText({ inputs }: PlannedResource, bound: boolean): string {
  const only = bound ? ", and its trust admits no other pod" : "";
  return `pods of ServiceAccount ${String(inputs.namespace)}/${String(inputs.serviceAccount)} by Pod Identity${only}`;
}

/** Without these tags any association in the account could hand the role to any pod. */
function isBoundTo({ inputs }: PlannedResource, { Condition = {} }: StatementJson): boolean {
  const tags = Condition.StringEquals ?? {};
  const has = (tag: string, value: unknown) => tags[`aws:RequestTag/${tag}`] === value;
  const cluster = String(tags["aws:RequestTag/eks-cluster-arn"] ?? "").endsWith(
    `cluster/${String(inputs.clusterName)}`,
  );
  return (
    cluster && has("kubernetes-namespace", inputs.namespace) && has("kubernetes-service-account", inputs.serviceAccount)
  );
}

function principalsOf({ Principal = {} }: StatementJson): string[] {
  if (typeof Principal === "string") return [Principal === "*" ? "anybody" : Principal];
  return Object.entries(Principal).flatMap(([kind, names]) =>
    [names].flat().map((name) => (kind === "Service" ? `the service ${name}` : `${kind} ${name}`)),
  );
}

function rightOf(statement: StatementJson, reasons: Readonly<Record<string, string>>): Right {
  const { Sid = "(without a Sid)", Effect, Action = [], Resource = [], Condition = {} } = statement;
  const [names, resources] = [[Action].flat(), [Resource].flat()];
  const reason = reasons[Sid];
  return {
    sid: Sid,
    allowed: Effect === "Allow",
    actions: actionsText(names),
    names,
    resources: resourcesText(resources),
    onAnything: resources.includes("*"),
    ...(reason !== undefined && { reason }),
    conditions: conditionTexts(Condition),
  };
}

function managedOf(arn: string): RoleFacts["managed"][number] {
  const text = managedText(arn);
  return { name: managedName(arn), ...(text !== undefined && { text }) };
}

/** `May read images (EC2) on anything, if the region is eu-central-1.` */
export function rightText({ allowed, actions, resources, conditions }: Right): string {
  const under = conditions.length === 0 ? "" : `, if ${inList(conditions)}`;
  return `${allowed ? "May" : "May not"} ${actions}, on ${resources}${under}.`;
}
