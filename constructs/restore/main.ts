/** Restores by hand: `npm run restore -- --help`. */
import { resolve } from "node:path";
import { createInterface } from "node:readline/promises";
import { KubeConfig, KubernetesObject } from "@kubernetes/client-node";
import { App, Chart, Yaml } from "cdk8s";
import { RestoredCopy, RestoreInPlace, RestoreProps, SharedVolumes } from "../loomworks/restore";
import { LoomworksSettings, readSettings } from "../settings";
import { runCommand } from "../shared/cli";
import { InvalidInputError } from "../shared/problems";
import { parseCommandLine, RestoreRequest, USAGE } from "./args";
import { RestoreCluster } from "./cluster";
import { followJob, RestoreReport } from "./follow";
import { assertCanStop, Patience, startServer, stopInstallation } from "./in-place";
import { borrowSources } from "./sources";
import { nextStep, restoredText } from "./text";

export interface RestoreProcess {
  readonly args: readonly string[];
  /** Folder with the stack files. */
  readonly root: string;
  /** Asked for when the cluster is needed. */
  readonly config: () => KubeConfig;
  readonly print: (text: string) => void;
  /** Asks whoever sits there. */
  readonly ask: (question: string) => Promise<string>;
  readonly now: Date;
  readonly patience?: Patience;
}

export async function runRestore(process: RestoreProcess): Promise<number> {
  const { args, root, config, print, now } = process;
  const request = parseCommandLine(args, now);
  if (request === "help") {
    print(USAGE);
    return 0;
  }
  const settings = readSettings(request.stack, root).loomworks;
  await (request.place.kind === "in-place" ? restoreInPlace : restoreBeside)(process, request, settings, () => {
    return new RestoreCluster(config());
  });
  return 0;
}

type Restore = (
  process: RestoreProcess,
  request: RestoreRequest,
  settings: LoomworksSettings,
  connect: () => RestoreCluster,
) => Promise<void>;

const restoreBeside: Restore = async ({ print, patience }, request, settings, connect) => {
  const { name, options, place } = request;
  const namespace = place.kind === "into" ? place.namespace : settings.namespace;
  const borrowed =
    place.kind === "into"
      ? await borrowSources(connect(), { from: settings.namespace, to: namespace, name })
      : undefined;
  const app = new App();
  const volumes = new SharedVolumes(app, "volumes", borrowed?.volumes ?? []);
  const copy = new RestoredCopy(app, name, { name, namespace, settings, options, sources: borrowed?.sources });
  const objects = [...objectsOf(volumes), ...objectsOf(copy)];
  if (request.print) {
    print(Yaml.stringify(...objects));
    return;
  }
  const cluster = connect();
  await assertNamespace(cluster, namespace);
  // The server comes once there is something to serve: it would wait for the volume, or take it first.
  const [before, after] = [objects.filter((one) => !isServer(one)), objects.filter(isServer)];
  await begin(cluster, before, request, namespace, print);
  const remedy = `Correct that, and delete the Job ${name}; the same --name tries again`;
  const report = await followJob(cluster, { namespace, name, print, remedy, ...patience });
  await cluster.apply(after);
  print(restoredText(report));
  print(nextStep(request, namespace, report));
};

const restoreInPlace: Restore = async ({ print, ask, patience = {} }, request, settings, connect) => {
  const { name, options } = request;
  const { namespace } = settings;
  const props: RestoreProps = { name, namespace, settings, options };
  const objects = objectsOf(new RestoreInPlace(new App(), name, props));
  if (request.print) {
    print(Yaml.stringify(...objects));
    return;
  }
  const cluster = connect();
  await assertNamespace(cluster, namespace);
  await assertCanStop(cluster, namespace);
  await assertConfirmed(request, namespace, ask);
  print(`Stopping Odoo and PostgreSQL in ${namespace}.`);
  await stopInstallation(cluster, namespace, patience);
  await begin(cluster, objects, request, namespace, print);
  const remedy =
    "The old data are untouched: correct that and ask again, or start the server as it was by " +
    `kubectl -n ${namespace} scale statefulset/postgres --replicas=1`;
  const report: RestoreReport | undefined = await followJob(cluster, { namespace, name, print, remedy, ...patience });
  print(restoredText(report));
  await startServer(cluster, namespace, patience);
  print(nextStep(request, namespace, report, settings.odoo.minReplicas));
};

/** Applies what a restore needs; one of that name that is there already is gone on with, if it is the same. */
async function begin(
  cluster: RestoreCluster,
  objects: readonly KubernetesObject[],
  { name }: RestoreRequest,
  namespace: string,
  print: (text: string) => void,
): Promise<void> {
  const existing = await cluster.job(namespace, name);
  const asked = objects.find(({ kind }) => kind === "Job") as JobLike | undefined;
  if (existing !== undefined && argumentsOf(existing) !== argumentsOf(asked)) {
    const reason = `there is a restore of that name already, of ${argumentsOf(existing)}`;
    throw problem("POSTGRES_RESTORE_NAME", "--name", name, reason, "Give another name, or the same options");
  }
  print(`${existing === undefined ? "Restoring" : "Going on with"} ${name} in ${namespace}.`);
  await cluster.apply(existing === undefined ? objects : objects.filter(({ kind }) => kind !== "Job"));
}

function objectsOf(chart: Chart): KubernetesObject[] {
  return chart.toJson() as KubernetesObject[];
}

/** As much of a Job as tells what it was asked for. */
interface JobLike {
  readonly spec?: {
    readonly template: { readonly spec?: { readonly containers: readonly { readonly command?: readonly string[] }[] } };
  };
}

function argumentsOf(job: JobLike | undefined): string {
  const [, ...rest] = job?.spec?.template.spec?.containers[0]?.command ?? [];
  return rest.join(" ");
}

async function assertNamespace(cluster: RestoreCluster, namespace: string): Promise<void> {
  const found = await cluster.find({ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } });
  if (found !== undefined) return;
  const remedy = "Make it first, or point KUBECONFIG at the cluster that has it";
  throw problem("POSTGRES_RESTORE_MISSING", "namespace", namespace, "the cluster has no such namespace", remedy);
}

async function assertConfirmed(
  { confirm }: RestoreRequest,
  namespace: string,
  ask: (question: string) => Promise<string>,
): Promise<void> {
  const question = `This stops Odoo and PostgreSQL in ${namespace}, and replaces all databases there. Its name: `;
  const answer = confirm ?? (await ask(question));
  if (answer.trim() === namespace) return;
  throw problem("POSTGRES_RESTORE_CONFIRM", "--confirm", answer, `it isn't ${namespace}`, "Nothing was touched");
}

function isServer({ kind }: KubernetesObject): boolean {
  return kind === "Deployment";
}

function problem(code: string, path: string, value: string, reason: string, remedy: string): InvalidInputError {
  return new InvalidInputError([{ code, path, value, reason, remedy }]);
}

async function askThere(question: string): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return await terminal.question(question);
  } finally {
    terminal.close();
  }
}

if (require.main === module) {
  const config = () => {
    const loaded = new KubeConfig();
    loaded.loadFromDefault();
    return loaded;
  };
  const print = (text: string) => console.log(text);
  const [args, root] = [process.argv.slice(2), resolve(__dirname, "../..")];
  runCommand(async () => await runRestore({ args, root, config, print, ask: askThere, now: new Date() }));
}
