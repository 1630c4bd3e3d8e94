import { z } from "zod";
import { parseSettings, settingsSchema } from "../../../constructs/settings";
import { InvalidInputError } from "../../../constructs/shared/problems";

interface Node {
  readonly type?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly enum?: readonly unknown[];
  readonly items?: Node;
  readonly properties?: Readonly<Record<string, Node>>;
}

type Leaf = readonly [path: string, node: Node];

const schema = z.toJSONSchema(settingsSchema, { io: "input" }) as Node;
const AWS = "aws";

function leavesOf(node: Node, path: string): Leaf[] {
  if (node.properties === undefined) return [[path, node]];
  return Object.entries(node.properties).flatMap(([key, child]) => leavesOf(child, `${path}.${key}`));
}

function groupsOf(node: Node, path: string): string[] {
  if (node.properties === undefined) return [];
  return [path, ...Object.entries(node.properties).flatMap(([key, child]) => groupsOf(child, `${path}.${key}`))];
}

/** Settings with nothing in them but `value` at `path`. */
function withValue(path: string, value: unknown): object {
  return path.split(".").reduceRight<any>((inner, key) => ({ [key]: inner }), value);
}

/** `<code> <path>` of the problems at `path` and below; what doesn't fit with the rest is not asked for here. */
function problemsAt(path: string, value: unknown): string[] {
  try {
    parseSettings({ target: "local", ...withValue(path, value) });
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
    return error.problems.filter((one) => one.path.startsWith(path)).map((one) => `${one.code} ${one.path}`);
  }
  return [];
}

const leaves = leavesOf(schema.properties![AWS]!, AWS);
const ofType = (type: string) => leaves.filter(([, node]) => node.type === type && node.enum === undefined);
const numbers = ofType("integer");
const texts = ofType("string");
const lists = ofType("array");
const choices = leaves.filter(([, node]) => node.enum !== undefined);

/** What a text gets that is no such thing; any text names a revision, or who logs in. */
const TEXTS: Readonly<Record<string, string>> = {
  "aws.account": "SETTING_ACCOUNT",
  "aws.region": "SETTING_REGION",
  "aws.domain": "SETTING_DOMAIN",
  "aws.network.cidr": "SETTING_NETWORK",
  "aws.cluster.systemNodes.instanceType": "SETTING_INSTANCE",
  "aws.karpenter.general.cpu": "SETTING_CPU",
  "aws.karpenter.general.memory": "SETTING_BYTES",
  "aws.data.databaseClass": "SETTING_INSTANCE",
  "aws.observability.metricsVolume": "SETTING_BYTES",
  "aws.delivery.repository": "SETTING_REPOSITORY",
};

const ITEMS: Readonly<Record<string, string>> = {
  "aws.network.zones": "SETTING_ZONE",
  "aws.cluster.publicAccess": "SETTING_ADDRESSES",
  "aws.cluster.administrators": "SETTING_PRINCIPAL",
  "aws.karpenter.general.instanceTypes": "SETTING_INSTANCE",
  "aws.pages.publicAccess": "SETTING_ADDRESSES",
};

describe("[PLAT-10] Each setting of AWS", () => {
  it("is one of those that are held here", () => {
    expect(leaves.length).toBeGreaterThan(40);
    const kinds = [numbers, texts, lists, choices, ofType("boolean")].map(({ length }) => length);
    expect(kinds.reduce((sum, length) => sum + length)).toBe(leaves.length);
  });

  it.each(leaves)("%s refuses a mapping", (path, { enum: known }) => {
    const [problem, ...others] = problemsAt(path, { wrong: true });
    expect(others).toEqual([]);
    const own = path === "aws.account" ? "SETTING_ACCOUNT" : "SETTING_TYPE";
    expect(problem).toBe(`${known === undefined ? own : "SETTING_CHOICE"} ${path}`);
  });

  it.each(numbers)("%s refuses what is beyond its bounds, a fraction, and a text", (path, { minimum, maximum }) => {
    expect(problemsAt(path, minimum! - 1)).toEqual([`SETTING_RANGE ${path}`]);
    expect(problemsAt(path, maximum! + 1)).toEqual([`SETTING_RANGE ${path}`]);
    expect(problemsAt(path, minimum! + 0.5)).toEqual([`SETTING_TYPE ${path}`]);
    expect(problemsAt(path, String(minimum))).toEqual([`SETTING_TYPE ${path}`]);
    expect(problemsAt(path, minimum)).toEqual([]);
    expect(problemsAt(path, maximum)).toEqual([]);
  });

  it.each(choices)("%s refuses what it doesn't know, and takes all that it does", (path, { enum: known }) => {
    expect(problemsAt(path, "moon")).toEqual([`SETTING_CHOICE ${path}`]);
    // One choice may ask for another setting; none is wrong by itself.
    expect(known!.flatMap((one) => problemsAt(path, one))).toEqual([]);
  });

  it.each(Object.entries(TEXTS))("%s refuses a text that is none by %s", (path, code) => {
    expect(texts.map(([each]) => each)).toContain(path);
    expect(problemsAt(path, "! no such thing")).toEqual([`${code} ${path}`]);
  });

  it.each(Object.entries(ITEMS))("%s refuses an item that is none by %s", (path, code) => {
    expect(lists.map(([each]) => each)).toContain(path);
    expect(problemsAt(path, ["! no such thing", "!", "!"])[0]).toBe(`${code} ${path}.0`);
    expect(problemsAt(path, "203.0.113.0/24")[0]).toBe(`SETTING_TYPE ${path}`);
  });

  it.each(groupsOf(schema.properties![AWS]!, AWS))(
    "%s refuses a key that it doesn't know, and doesn't show its value",
    (path) => {
      const attempt = () => parseSettings({ target: "local", ...withValue(`${path}.passwrod`, "hunter2") });
      expect(attempt).toThrow(`SETTING_UNKNOWN ${path}.passwrod: got "string"`);
      expect(attempt).not.toThrow(/hunter2/);
    },
  );
});
