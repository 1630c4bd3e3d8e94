import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseAllDocuments } from "yaml";
import { z } from "zod";
import { settingsSchema, STACKS } from "../constructs/settings";
import { CHARTS, CRDS } from "../constructs/versions";
import type { Plan } from "../infra/plan/model";
import { planStack } from "../infra/plan/plan";

const ROOT = resolve(__dirname, "..");
const read = (path: string) => readFileSync(join(ROOT, path), "utf8");

/** Those that somebody follows word for word, in a hurry. */
const DOCUMENTS = [
  "README.md",
  "docs/runbook.md",
  "docs/failure-modes.md",
  "docs/operations.md",
  "docs/delivery.md",
  "docs/architecture.md",
];
const texts = Object.fromEntries(DOCUMENTS.map((path) => [path, read(path)]));
const all = Object.values(texts).join("\n");
const operations = texts["docs/operations.md"]!;
const failures = texts["docs/failure-modes.md"]!;

const found = (text: string, pattern: RegExp) => [...new Set([...text.matchAll(pattern)].map(([, name]) => name!))];

/** Workloads of charts, as `helm template` of the pinned versions names them; by namespace. */
const OF_CHARTS: Readonly<Record<string, readonly string[]>> = {
  karpenter: ["deploy/karpenter"],
  keda: ["deploy/keda-operator"],
  "aws-load-balancer-controller": ["deploy/aws-load-balancer-controller"],
  traefik: ["deploy/traefik"],
  "cert-manager": ["deploy/cert-manager"],
  reloader: ["deploy/reloader-reloader"],
  "efs-csi": ["daemonset/efs-csi-node"],
  // The operator puts the kind before the name of what it makes a StatefulSet of.
  observability: ["statefulset/loki", "statefulset/tempo", "statefulset/alertmanager-kube-prometheus-alertmanager"],
};

const SHORT: Readonly<Record<string, string>> = {
  Deployment: "deploy",
  StatefulSet: "statefulset",
  CronJob: "cronjob",
  DaemonSet: "daemonset",
};

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly spec?: any;
}

const manifests = STACKS.flatMap((stack) =>
  readdirSync(join(ROOT, "dist", stack))
    .filter((file) => file.endsWith(".k8s.yaml"))
    .flatMap((file) => parseAllDocuments(read(`dist/${stack}/${file}`)).map((one) => one.toJSON() as Manifest)),
);

let plans: Plan[];
beforeAll(async () => {
  plans = [];
  for (const stack of STACKS) plans.push(await planStack(stack, ROOT, "aws"));
  // Two whole plans: seconds on a quiet machine.
}, 180_000);

/** Workloads by namespace; where a document says NS, it means the installation's. */
function workloads(): Map<string, Set<string>> {
  const known = new Map(Object.entries(OF_CHARTS).map(([namespace, names]) => [namespace, new Set(names)]));
  for (const { kind, metadata } of manifests) {
    const short = SHORT[kind];
    if (short === undefined) continue;
    const { namespace = "" } = metadata;
    known.set(namespace, (known.get(namespace) ?? new Set()).add(`${short}/${metadata.name}`));
  }
  known.set("NS", known.get("loomworks") ?? new Set());
  return known;
}

describe("What the documents name", () => {
  it("is there: scripts of npm", () => {
    const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };
    const named = DOCUMENTS.flatMap((path) => found(texts[path]!, /npm run (?:--silent )?([\w:]+)/g));
    expect(named.filter((name) => scripts[name] === undefined)).toEqual([]);
  });

  it("is there: files and folders of the repository", () => {
    const paths = found(all, /`((?:infra|constructs|clones|test|docs|dist|\.github|\.ci)\/[\w./-]+)`/g);
    expect(paths.length).toBeGreaterThan(20);
    expect(paths.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  });

  it("is there: alerts, each with its section", () => {
    const rules = manifests.filter(({ kind }) => kind === "PrometheusRule").flatMap(({ spec }) => spec.groups);
    const alerts = new Set(rules.flatMap(({ rules: group }: any) => group.map(({ alert }: any) => alert as string)));
    const linked = found(operations, /\[((?:Odoo|Postgres|Clone|Restore)\w+)\]\(runbook\.md#/g);
    expect(linked.length).toBeGreaterThan(9);
    expect(linked.filter((name) => !alerts.has(name))).toEqual([]);
    const sections = found(texts["docs/runbook.md"]!, /^### ([A-Z]\w+)$/gm);
    expect(sections.filter((name) => !alerts.has(name))).toEqual([]);
  });

  it("is every alert of Loomworks, among its failures, and no other", () => {
    const rules = manifests.filter(({ kind, metadata }) => kind === "PrometheusRule" && metadata.name === "loomworks");
    const groups = rules.flatMap(({ spec }) => spec.groups);
    const alerts = new Set(groups.flatMap(({ rules: group }: any) => group.map(({ alert }: any) => alert as string)));
    const named = found(
      failures,
      /`((?:Backup|Certificate|Filestore|Odoo|Offsite|Pod|Postgres|Quota|Restore|Volume|Workload)\w+)`/g,
    );
    expect(named.sort()).toEqual([...alerts].sort());
  });

  it("is there: namespaces", () => {
    const ofPlan = plans.flatMap(({ resources }) =>
      resources
        .filter(({ type }) => type.endsWith(":Namespace"))
        .map(({ inputs }) => (inputs.metadata as { name?: string }).name ?? ""),
    );
    // Made by Argo CD's component where a stack delivers by it.
    const known = new Set(["NS", "kube-system", "argocd", "cert-manager", ...ofPlan]);
    const named = found(all, /(?:kubectl|cmctl renew) -n ([\w-]+)/g);
    expect(named.length).toBeGreaterThan(8);
    expect(named.filter((name) => !known.has(name))).toEqual([]);
  });

  it("is there: Deployments, StatefulSets, DaemonSets and CronJobs, in that namespace", () => {
    const known = workloads();
    const commands = [...all.replaceAll(/\\\n\s*/g, " ").matchAll(/kubectl -n ([\w-]+) ([^`\n]*)/g)];
    const named = commands.flatMap(([, namespace, rest]) =>
      found(rest!, /((?:deploy|statefulset|daemonset|cronjob)\/[\w-]+)/g).map((name) => [namespace!, name] as const),
    );
    expect(named.length).toBeGreaterThan(15);
    expect(named.filter(([namespace, name]) => known.get(namespace)?.has(name) !== true)).toEqual([]);
  });

  it("is there: settings", () => {
    const known = settingPaths();
    const named = [
      ...found(all, /'loomworks-platform:((?:aws|loomworks|clones)\.[\w.]+)(?:\[0\])?'/g),
      ...found(operations + failures, /`((?:aws|loomworks|clones)(?:\.[a-z]\w*)+)(?::[^`]*)?`/g),
    ];
    expect(named.length).toBeGreaterThan(25);
    expect(named.filter((name) => !known.some((path) => path === name || path.startsWith(`${name}.`)))).toEqual([]);
  });

  it("[PLAT-07] is every add-on, with how it is upgraded", () => {
    const table = operations.slice(operations.indexOf("| add-on"), operations.indexOf("## Restore"));
    expect(Object.keys(CHARTS).filter((name) => !table.includes(`\`${name}\``))).toEqual([]);
    const kinds = found(table, /`CRDS\.(\w+)`/g);
    expect(kinds.filter((name) => !(name in CRDS))).toEqual([]);
  });

  it("[PLAT-10] is every output of both stacks, and no other", () => {
    const table = texts["docs/architecture.md"]!.split("## Outputs")[1]!.split("\n## ")[0]!;
    const documented = found(table, /^\| `(\w+)`/gm).sort();
    for (const { outputs } of plans) expect(Object.keys(outputs).sort()).toEqual(documented);
  });
});

function settingPaths(): string[] {
  const walk = (node: any, path: string): string[] =>
    Object.entries<any>(node.properties ?? {}).flatMap(([name, child]) => {
      const here = path === "" ? name : `${path}.${name}`;
      return [here, ...walk(child, here)];
    });
  return walk(z.toJSONSchema(settingsSchema, { io: "input" }), "");
}
