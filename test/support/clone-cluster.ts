/** A cluster in which WordPressClones live: KRO with the graph, ACK's kind without ACK, and what the stack makes. */
import { join } from "node:path";
import { Testing } from "cdk8s";
import {
  WordPressCloneDefinition,
  WordPressCloneDefinitionProps,
} from "../../clones/templates/wordpress-clone/definition";
import {
  CLONE_NAMESPACES,
  CLONE_PEPPER,
  CLONE_PLATFORM,
  CLONE_RESOURCE,
  COPY_RESOURCE,
} from "../../constructs/contract";
import { Cluster, ClusterClient, describeWithCluster, eventually, KubeObject, SuiteOptions } from "../cluster";

export const STAGING = CLONE_NAMESPACES.staging;
export const PRODUCTION = CLONE_NAMESPACES.production;

/** Host of the shared database in {@link installClones}'s ConfigMaps. */
export const SHARED_HOST = "mysql.shared.example.com";

/** A stand-in for ACK's CRD. */
const ACK_CRDS = join(__dirname, "crds");

/** What the graph is made with, where a suite says nothing else. */
const PROPS: WordPressCloneDefinitionProps = {
  image: "registry.example.com/loomworks/wordpress-clone:0.1.0",
  exposeCredentials: true,
};

/** What stands in a clone's spec, where a test says nothing else. */
const SPEC = { customerId: "acme" };

/** `describeWithCluster`, with KRO on enough nodes for a hundred clones, and everything that clones need. */
export function describeWithClones(
  title: string,
  options: SuiteOptions & { readonly definition?: Partial<WordPressCloneDefinitionProps> },
  define: (cluster: () => Cluster) => void,
): void {
  const { definition, ...rest } = options;
  describeWithCluster(title, { own: true, nodes: 3, controllers: ["kro"], volumes: false, ...rest }, (cluster) => {
    beforeAll(() => installClones(cluster(), definition), 120_000);
    define(cluster);
  });
}

/** CRDs, namespaces, ConfigMaps, Secrets and the graph; returns when clones can be asked for. */
export async function installClones(
  cluster: Cluster,
  definition: Partial<WordPressCloneDefinitionProps> = {},
): Promise<void> {
  await cluster.installCrds([ACK_CRDS]);
  await cluster.apply([STAGING, PRODUCTION].flatMap(contractObjects));
  await installGraph(cluster, graphManifests(definition));
}

/** Applies a graph, and returns when KRO serves it as it now is. */
export async function installGraph(
  cluster: Cluster,
  manifests: readonly KubeObject[],
  { group, version, kind }: typeof CLONE_RESOURCE | typeof COPY_RESOURCE = CLONE_RESOURCE,
): Promise<void> {
  await cluster.apply(manifests, { force: true });
  for (const manifest of manifests) {
    await eventually(async () => isAccepted(await cluster.client.get(manifest)), {
      what: `the graph ${manifest.metadata.name} accepted`,
      timeoutMs: 60_000,
    });
  }
  await eventually(() => cluster.client.list(`${group}/${version}`, kind), { what: `kind ${kind} served` });
}

/** The synthesized graph. */
export function graphManifests(definition: Partial<WordPressCloneDefinitionProps> = {}): KubeObject[] {
  const chart = Testing.chart();
  new WordPressCloneDefinition(chart, "Definition", { ...PROPS, ...definition });
  return Testing.synth(chart) as KubeObject[];
}

/** A namespace of clones, with what the stack puts there. */
export function contractObjects(namespace: string): KubeObject[] {
  const { keys } = CLONE_PLATFORM;
  return [
    { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } },
    {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { namespace, name: CLONE_PLATFORM.name },
      data: {
        [keys.databaseHost]: SHARED_HOST,
        [keys.databaseSubnetGroup]: "clones",
        [keys.databaseSecurityGroup]: "sg-0123456789abcdef0",
      },
    },
    {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { namespace, name: CLONE_PEPPER.name },
      stringData: Object.fromEntries(Object.keys(CLONE_PEPPER.data).map((key) => [key, "pepper-of-the-tests-only"])),
    },
  ];
}

/** A clone as one asks for it. */
export function clone(name: string, spec: Record<string, unknown> = {}, namespace: string = STAGING): KubeObject {
  const { group, version, kind } = CLONE_RESOURCE;
  return {
    apiVersion: `${group}/${version}`,
    kind,
    metadata: { namespace, name },
    spec: { ...SPEC, ...spec },
  };
}

/** The clone as it now is, once `holds` of it. */
export async function cloneOnce(
  client: ClusterClient,
  asked: KubeObject,
  what: string,
  holds: (clone: KubeObject) => boolean,
  timeoutMs = 30_000,
): Promise<KubeObject> {
  return await eventually(
    async () => {
      const found = await client.get(asked);
      if (!holds(found)) throw new Error(JSON.stringify(found.status));
      return found;
    },
    { what: `${asked.metadata.name}: ${what}`, timeoutMs },
  );
}

/** Asks for a clone and returns when it is ready. */
export async function readyClone(client: ClusterClient, asked: KubeObject, timeoutMs?: number): Promise<KubeObject> {
  await client.create(asked);
  return await cloneOnce(client, asked, "ready", ({ status }) => status?.ready === true, timeoutMs);
}

/** What ACK would report of the clone's database. */
export async function answerAsAck(client: ClusterClient, asked: KubeObject, status: object): Promise<void> {
  const { namespace, name } = asked.metadata;
  const instance = { apiVersion: "rds.services.k8s.aws/v1alpha1", kind: "DBInstance", metadata: { namespace, name } };
  await eventually(() => client.find(instance), { what: `DBInstance ${name}` });
  await client.merge(instance, { status }, "status");
}

/** As ACK reports an instance that can be used. */
export function available(address: string): object {
  return { dbInstanceStatus: "available", endpoint: { address, port: 3306 } };
}

/** The condition's status, reason and message. */
export function conditionOf({ status }: KubeObject, type: string): any {
  return status?.conditions?.find((condition: any) => condition.type === type);
}

function isAccepted({ metadata, status }: KubeObject): boolean {
  const ready = status?.conditions?.find(({ type }: any) => type === "Ready");
  if (ready?.status === "True" && ready.observedGeneration === metadata.generation) return true;
  throw new Error(JSON.stringify(status?.conditions ?? "no status yet"));
}
