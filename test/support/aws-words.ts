/** AWS' own words, as its documents have them, and how a plan's policies are read to be held against these. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import type { PlannedResource } from "../../infra/plan/model";

interface List<T = readonly string[]> {
  readonly documents: readonly string[];
  readonly values: T;
}

interface Documents {
  readonly events: List<Readonly<Record<string, readonly string[]>>>;
  readonly ports: List<{ readonly mysql: number; readonly nfs: number; readonly endpoint: number }>;
  readonly conditionOperators: List<readonly (readonly string[])[]>;
  readonly [list: string]: List<any>;
}

export const DOCUMENTS = read("documents.yaml") as Documents;

/** What AWS says of an action, as far as policies here use it. */
interface Action {
  /** Kinds of resources, as ARNs with `${…}` for what each has of its own. */
  readonly resources?: readonly string[];
  readonly conditionKeys?: readonly string[];
}

interface Service {
  readonly actions: Readonly<Record<string, Action>>;
}

interface Authorization {
  readonly globalConditionKeys: readonly string[];
  readonly services: Readonly<Record<string, Service>>;
}

const AUTHORIZATION = read("service-authorization.yaml") as Authorization;

function read(name: string): unknown {
  return parse(readFileSync(join(__dirname, "aws", name), "utf8"));
}

/** What AWS' documents write where each has its own. */
const VARIABLE = /\$\{\w+\}/;

/** Whether `word` is one of AWS' words, in which `${…}` stands for anything. */
export function isOneOf(word: string, words: readonly string[]): boolean {
  return words.some((one) => fits(word, one.split(VARIABLE), ".+"));
}

/** Whether `arn`, in which `*` stands for anything, a part of a path or several, may be of one of these kinds. */
function isOfKind(arn: string, kinds: readonly string[]): boolean {
  const [service, resource] = ofArn(arn);
  return kinds.some((kind) => {
    const [itsService, example] = ofArn(kind.split(VARIABLE).join("x"));
    // What AWS itself owns, such as a public parameter, is of no account.
    return (
      fits(arn, kind.split(VARIABLE), ".*") || (service === itsService && fits(example, resource.split("*"), ".*"))
    );
  });
}

/** `arn:aws:ec2:eu-central-1:1:subnet/*` is of `ec2`, and names `subnet/*`. */
function ofArn(arn: string): [service: string, resource: string] {
  const parts = arn.split(":");
  return [parts[2] ?? "", parts.slice(5).join(":")];
}

/** Whether `text` has these parts in their order, and between them what `between` says. */
function fits(text: string, parts: readonly string[], between: string): boolean {
  const escaped = parts.map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${escaped.join(between)}$`).test(text);
}

/** A statement of a policy, and the resource of the plan that carries it. */
export interface StatementFound {
  readonly on: string;
  readonly sid: string;
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  /** Service principals. */
  readonly services: readonly string[];
  readonly operators: readonly string[];
  readonly conditionKeys: readonly string[];
}

/** Every statement of every policy that is anywhere in the inputs of these resources. */
export function statementsIn(resources: readonly PlannedResource[]): StatementFound[] {
  return resources.flatMap(({ name, inputs }) =>
    documentsIn(inputs)
      .flatMap(listed)
      .map((one) => found(name, one)),
  );
}

function documentsIn(value: unknown): unknown[] {
  if (typeof value === "string")
    return value.startsWith("{") && value.includes('"Statement"') ? documentsIn(JSON.parse(value)) : [];
  if (typeof value !== "object" || value === null) return [];
  const { Statement } = value as { Statement?: unknown };
  return Statement === undefined ? Object.values(value).flatMap(documentsIn) : [Statement];
}

function found(on: string, statement: any): StatementFound {
  const conditions: Record<string, object> = statement.Condition ?? {};
  return {
    on,
    sid: statement.Sid,
    actions: listed(statement.Action),
    resources: listed(statement.Resource ?? []),
    services: listed(statement.Principal?.Service ?? []),
    operators: Object.keys(conditions),
    conditionKeys: Object.values(conditions).flatMap(Object.keys),
  };
}

function listed(value: any): any[] {
  return [value].flat();
}

/** Actions that AWS doesn't have; of one with `*`, that no action fits. */
export function unknownActions({ actions }: StatementFound): string[] {
  const isKnown = (action: string) => (isWhole(action) ? serviceOf(action) !== undefined : known(action).length > 0);
  return actions.filter((action) => !isKnown(action));
}

/** Keys that one of the actions never has, so that the statement says nothing of it. */
export function unknownKeys({ actions, conditionKeys }: StatementFound): string[] {
  return actions.flatMap((action) =>
    conditionKeys
      .filter((key) => !isOneOf(key, AUTHORIZATION.globalConditionKeys) && !knowsKey(action, key))
      .map((key) => `${action} ${key}`),
  );
}

function knowsKey(action: string, key: string): boolean {
  return known(action).some(({ conditionKeys = [] }) => isOneOf(key, conditionKeys));
}

/** Actions that act on no resource of the statement. What stands for an ARN that nobody knows yet may be any. */
export function idleActions({ actions, resources }: StatementFound): string[] {
  if (resources.length === 0 || resources.some((one) => !one.startsWith("arn:"))) return [];
  return actions.filter((action) => !isWhole(action) && !resources.some((one) => isOfKind(one, kindsOf(action))));
}

/** Resources that no action of the statement acts on. */
export function idleResources({ actions, resources }: StatementFound): string[] {
  if (actions.some(isWhole)) return [];
  const kinds = actions.flatMap(kindsOf);
  return resources.filter((one) => one.startsWith("arn:") && !isOfKind(one, kinds));
}

/** Whether all actions of a service are meant. */
function isWhole(action: string): boolean {
  return action.endsWith(":*");
}

function serviceOf(action: string): Service | undefined {
  return AUTHORIZATION.services[action.split(":")[0]!];
}

/** What AWS says of an action, or of each that fits one with `*`. */
function known(action: string): Action[] {
  const parts = action.slice(action.indexOf(":") + 1).split("*");
  const actions = Object.entries(serviceOf(action)?.actions ?? {});
  return actions.filter(([name]) => fits(name, parts, ".*")).map(([, one]) => one);
}

function kindsOf(action: string): string[] {
  return known(action).flatMap(({ resources = [] }) => resources);
}
