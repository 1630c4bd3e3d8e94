import { STACKS } from "../../constructs/settings";
import type { PlannedResource } from "../../infra/plan/model";
import { plannedAddons } from "../support/aws-platform";
import {
  DOCUMENTS,
  idleActions,
  idleResources,
  isOneOf,
  StatementFound,
  statementsIn,
  unknownActions,
  unknownKeys,
} from "../support/aws-words";
import { ProjectCopy } from "../support/pulumi-project";
import { planStack } from "../../infra/plan/plan";

/** Somebody who administers the cluster, so that there is an access policy to judge. */
const ADMINISTRATOR = "arn:aws:iam::000000000000:role/operators";

/** Keys that AWS' own documents put on an action that doesn't have them. */
const AS_DOCUMENTED = [
  // "Encrypt log data using KMS" has Describe* in the one statement on log groups: it stays without effect.
  "kms:DescribeKey kms:EncryptionContext:aws:logs:arn",
];

/** Both stacks in AWS, and the add-ons of one whose clones are told apart by path: these have more rights. */
const plans: PlannedResource[][] = [];
const all = () => plans.flat();
const ofType = (type: string): any[] => all().flatMap((one) => (one.type.endsWith(`:${type}`) ? [one.inputs] : []));

beforeAll(async () => {
  for (const stack of STACKS) {
    const project = new ProjectCopy();
    project.set(stack, "aws.cluster.administrators", [ADMINISTRATOR]);
    plans.push([...(await planStack(stack, project.root, "aws")).resources]);
    project.remove(".");
  }
  const service = { clusterIssuer: "letsencrypt", tracingEndpoint: "" };
  const path = await plannedAddons({ clones: { domain: "clones.betaweb.ai", routing: "path", service } });
  plans.push([...path.resources]);
}, 120_000);

describe("AWS' words in policies, by the Service Authorization Reference", () => {
  let statements: StatementFound[];
  const wrong = (judge: (statement: StatementFound) => readonly string[]) =>
    statements.flatMap((one) => judge(one).map((word) => `${one.on} ${one.sid}: ${word}`));

  beforeAll(() => {
    statements = statementsIn(all());
  });

  it("are looked for in every policy: of roles, their trust, keys, buckets, the queue and the file system", () => {
    const policies = all().filter(({ inputs }) => JSON.stringify(inputs).includes("2012-10-17"));
    expect(new Set(policies.map(({ type }) => type.split(":").at(-1)))).toEqual(
      new Set(["Role", "RolePolicy", "Key", "BucketPolicy", "QueuePolicy", "FileSystemPolicy"]),
    );
    expect(new Set(statements.map(({ on }) => on))).toEqual(new Set(policies.map(({ name }) => name)));
    expect(statements.length).toBeGreaterThan(100);
  });

  it("[PLAT-02] [PLAT-07] are actions that there are, letter by letter", () => {
    expect(wrong(unknownActions)).toEqual([]);
  });

  it("are condition keys that each action of the statement has: others are never true", () => {
    const keys = (one: StatementFound) => unknownKeys(one).filter((key) => !AS_DOCUMENTED.includes(key));
    expect(wrong(keys)).toEqual([]);
    expect(AS_DOCUMENTED.filter((key) => !statements.flatMap(unknownKeys).includes(key))).toEqual([]);
  });

  it("are kinds of resources that the actions act on, each action on one and each resource by one", () => {
    expect(wrong(idleActions)).toEqual([]);
    expect(wrong(idleResources)).toEqual([]);
  });

  it("are condition operators that IAM has", () => {
    const operators = DOCUMENTS.conditionOperators.values.flat();
    const plain = (operator: string) => operator.replace(/^For(Any|All)Values?:/, "").replace(/IfExists$/, "");
    expect(wrong((one) => one.operators.filter((operator) => !operators.includes(plain(operator))))).toEqual([]);
  });

  it("are service principals that services have", () => {
    const services = statements.flatMap((one) => one.services);
    expect(services.length).toBeGreaterThan(20);
    const { values } = DOCUMENTS.servicePrincipals!;
    expect(wrong((one) => one.services.filter((service) => !isOneOf(service, values)))).toEqual([]);
  });
});

describe("A policy with a mistake", () => {
  const SOUND = {
    Sid: "One",
    Action: ["ec2:RunInstances", "kms:GenerateDataKey*", "s3:*"],
    Resource: ["arn:aws:ec2:eu-central-1:*:subnet/*", "arn:aws:kms:eu-central-1:1:key/*"],
    Condition: { StringEquals: { "aws:SourceAccount": "1" } },
  };
  const judge = (change: object) => {
    const policy = JSON.stringify({ Version: "2012-10-17", Statement: [{ ...SOUND, ...change }] });
    const [statement] = statementsIn([{ name: "role", inputs: { policy } } as unknown as PlannedResource]);
    const judges = { unknownActions, unknownKeys, idleActions, idleResources };
    return Object.entries(judges).flatMap(([name, of]) => of(statement!).map((word) => `${name} ${word}`));
  };

  it("is told from a sound one", () => {
    expect(judge({})).toEqual([]);
  });

  it.each([
    ["an action in another case", { Action: "ec2:runInstances" }, "unknownActions ec2:runInstances"],
    ["a service that there isn't", { Action: "elb:*" }, "unknownActions elb:*"],
    ["a start that no action has", { Action: "kms:GenerateDatakey*" }, "unknownActions kms:GenerateDatakey*"],
    [
      "a misspelt key",
      { Condition: { Bool: { "aws:SecureTransports": "false" } } },
      "ec2:RunInstances aws:SecureTransports",
    ],
    [
      "a key that one action has not",
      { Condition: { Bool: { "rds:StorageEncrypted": "true" } } },
      "ec2:RunInstances rds:",
    ],
    [
      "a misspelt kind of resource",
      { Resource: "arn:aws:ec2:eu-central-1:*:subnets/*" },
      "idleActions ec2:RunInstances",
    ],
    ["a resource that no action needs", { Action: "ec2:RunInstances" }, "idleResources arn:aws:kms:"],
  ])("is seen by %s", (_what, change, word) => {
    expect(judge(change)).toContainEqual(expect.stringContaining(word));
  });
});

describe("AWS' words in resources, by AWS' documents", () => {
  /** The words that a plan has, and those of them that AWS hasn't. */
  const judged = (list: string, words: readonly string[]) => ({
    any: words.length > 0,
    unknown: [...new Set(words)].filter((word) => !isOneOf(word, DOCUMENTS[list]!.values as string[])),
  });

  it("[PLAT-02] are sources and types of events", () => {
    const patterns = ofType("EventRule").map(({ eventPattern }) => JSON.parse(eventPattern));
    expect(patterns.length).toBeGreaterThan(0);
    for (const { source, "detail-type": types, ...more } of patterns) {
      expect(more).toEqual({});
      for (const one of source) expect(DOCUMENTS.events.values[one]).toEqual(expect.arrayContaining(types));
    }
  });

  const entries = () => ofType("index:Cluster").flatMap(({ accessEntries }) => Object.values<any>(accessEntries ?? {}));
  const policies = () => entries().flatMap(({ accessPolicies }) => Object.values<any>(accessPolicies));

  const WORDS: readonly [list: string, words: () => string[]][] = [
    ["managedPolicies", () => ofType("RolePolicyAttachment").map(({ policyArn }) => policyArn)],
    ["accessPolicies", () => policies().map(({ policyArn }) => policyArn)],
    ["accessEntryTypes", () => ofType("AccessEntry").map(({ type }) => type)],
    ["authenticationModes", () => ofType("index:Cluster").map(({ authenticationMode }) => authenticationMode)],
    ["controlPlaneLogs", () => ofType("index:Cluster").flatMap(({ enabledClusterLogTypes }) => enabledClusterLogTypes)],
    ["eksAddons", () => ofType("Addon").map(({ addonName }) => addonName)],
    ["nodeImages", () => ofType("NodeGroup").map(({ amiType }) => amiType)],
    ["databaseLogs", () => ofType("Instance").flatMap(({ enabledCloudwatchLogsExports: logs }) => logs)],
    ["endpointServices", () => ofType("VpcEndpoint").map(({ serviceName }) => serviceName)],
    ["listenerPolicies", () => ofType("Listener").flatMap(({ sslPolicy }) => sslPolicy ?? [])],
  ];

  it.each(WORDS)("are %s", (list, words) => {
    expect(judged(list, words())).toStrictEqual({ any: true, unknown: [] });
  });

  it("[PLAT-01] are all logs that the control plane has", () => {
    const logs = ofType("index:Cluster").map(({ enabledClusterLogTypes: types }) => [...types].sort());
    expect(logs).toEqual(STACKS.map(() => DOCUMENTS.controlPlaneLogs!.values));
  });

  it("[PLAT-01] are the ports on which MySQL, NFS and the endpoints listen", () => {
    const { mysql, nfs, endpoint } = DOCUMENTS.ports.values;
    const ports = (group: RegExp) => {
      const rules = all().filter(({ type, name }) => type.endsWith(":SecurityGroupIngressRule") && group.test(name));
      return [...new Set(rules.map(({ inputs }) => `${String(inputs.fromPort)}-${String(inputs.toPort)}`))];
    };
    expect(ports(/^shared-database-/)).toEqual([`${mysql}-${mysql}`]);
    expect(ofType("Instance").map(({ port }) => port)).toEqual(STACKS.map(() => mysql));
    expect(ports(/^filestore-/)).toEqual([`${nfs}-${nfs}`]);
    expect(ports(/^endpoints-/)).toEqual([`${endpoint}-${endpoint}`]);
  });

  it("come each from a document of AWS", () => {
    for (const { documents } of Object.values(DOCUMENTS)) {
      expect(documents.length).toBeGreaterThan(0);
      for (const document of documents) expect(document).toMatch(/^https:\/\/docs\.aws\.amazon\.com\//);
    }
  });
});
