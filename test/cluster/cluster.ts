import { existsSync } from "node:fs";
import { KubeConfig } from "@kubernetes/client-node";
import { Applied, ApplyOptions, applyStrict, Manifests } from "./apply";
import { provide, Report, toStandardError } from "./build/builder";
import { ClusterClient } from "./client";
import { ControlPlane } from "./control-plane";
import { installCrds } from "./crds";
import { ClusterError } from "./errors";
import { eventually } from "./eventually";
import { furnishRealNode } from "./node/furnish";
import { whyNoNode } from "./node/prerequisites";
import { fakeNodes, NodeCapacity } from "./nodes";
import { whyNoCertificates } from "./pki";
import { ControllerName, CONTROLLERS, KILLABLE, KillableName, programsFor } from "./programs";
import { policyEngine } from "./programs/policy-engine";
import { ADMIN } from "./site";
import { VolumeProvisioner } from "./volumes";

export interface ClusterOptions {
  /** What runs besides Kubernetes itself. @default none */
  readonly controllers?: readonly ControllerName[];
  /** Fake nodes, in three zones by turns; or "real": this machine as one node, on which pods really run. @default 3 */
  readonly nodes?: number | "real";
  /** Archives of images, as `docker save` writes them, or what makes them: the real node pulls none. @default none */
  readonly images?: readonly string[] | (() => Promise<readonly string[]>);
  /** What each of them has to give. @default 8 CPUs, 32 Gi, 110 pods */
  readonly nodeCapacity?: NodeCapacity;
  /** Whether pending claims get volumes, as a storage driver would give them. @default true */
  readonly volumes?: boolean;
  /** Whether NetworkPolicies are enforced on the real node, which takes kube-network-policies on PATH. @default false */
  readonly enforcePolicies?: boolean;
  /** Claims, as `namespace/name`, whose volumes on the real node hold as much as was asked for and no more. @default none */
  readonly sizedVolumes?: readonly string[];
  /** Seconds between two looks of the HorizontalPodAutoscaler controller; its own default is 15. @default 5 */
  readonly autoscalerSyncSeconds?: number;
  /** Whether `logs/audit.log` has every request and its body. @default false */
  readonly audit?: boolean;
  /** More arguments for kube-apiserver. @default none */
  readonly apiServerArgs?: readonly string[];
  /** Where progress goes. @default standard error */
  readonly report?: Report;
}

/** A Kubernetes API that a test may do with as it likes. */
export interface Cluster {
  /** Path of a kubeconfig with every right. */
  readonly kubeconfig: string;
  /** The same, for `config.makeApiClient(CoreV1Api)` and the like. */
  readonly config: KubeConfig;
  readonly client: ClusterClient;
  /** Whether it was told to enforce NetworkPolicies; what an {@link external} one does is for its owner to know. */
  readonly enforcesPolicies: boolean;
  /** Whether it was there before, given by KUBECONFIG_UNDER_TEST: with real nodes, and without what options ask for. */
  readonly external: boolean;
  /** Its folder, with `logs/`; nothing if it is {@link external}. */
  readonly folder?: string;
  /** Applies strictly: see {@link applyStrict}. */
  apply(manifests: Manifests, options?: ApplyOptions): Promise<Applied[]>;
  /** Applies CRDs of these files and folders, and returns when their kinds can be used. */
  installCrds(paths: readonly string[]): Promise<void>;
  /** Kills a program, as the end of its node would. Not in an {@link external} cluster. */
  kill(program: KillableName): Promise<void>;
  /** Has a killed program run again, and returns when it is ready. */
  resume(program: KillableName): Promise<void>;
  /** Kills a container of the real node by SIGKILL. @param id as its pod's status has it, as in `containerd://4f1c…` */
  killContainer(id: string): Promise<void>;
  /** Runs a program to the end on a host beyond the real node, at addresses that lead from there to nobody else. Once. */
  runOutside(addresses: readonly string[], program: string, args: readonly string[]): Promise<void>;
  /** Where a program listens on this machine, by the name that it gives the port. Not in an {@link external} cluster. */
  port(name: string): number;
  /** Ends it; of an {@link external} one, only what {@link apply} and {@link installCrds} created. May be called again. */
  stop(): Promise<void>;
}

/** Names a cluster to use instead of starting one. */
export const UNDER_TEST = "KUBECONFIG_UNDER_TEST";

const DEFAULTS = {
  controllers: [],
  nodes: 3,
  images: [],
  nodeCapacity: {},
  volumes: true,
  enforcePolicies: false,
  sizedVolumes: [],
  autoscalerSyncSeconds: 5,
  audit: false,
  apiServerArgs: [],
  report: toStandardError,
} as const satisfies Required<ClusterOptions>;

/**
 * Starts etcd, a Kubernetes control plane and fake nodes on free ports and in a temporary folder, or takes the cluster
 * that KUBECONFIG_UNDER_TEST names. What it starts ends with this process at the latest, however that ends.
 *
 * @throws {ClusterUnavailableError} if this machine can't: see describeWithCluster for tests
 */
export async function startCluster(options: ClusterOptions = {}): Promise<Cluster> {
  const underTest = process.env[UNDER_TEST];
  if (underTest !== undefined && underTest !== "") {
    assertReadable(underTest);
    return new ExternalCluster(underTest);
  }
  return await OwnCluster.start({ ...DEFAULTS, ...options });
}

function assertReadable(kubeconfig: string): void {
  if (existsSync(kubeconfig)) return;
  throw new ClusterError({
    code: "CLUSTER_KUBECONFIG",
    path: UNDER_TEST,
    value: kubeconfig,
    reason: "there is no such file",
    remedy: "Name a kubeconfig's file, or unset the variable to have a cluster started",
  });
}

abstract class BaseCluster implements Cluster {
  readonly config: KubeConfig;
  readonly client: ClusterClient;
  abstract readonly external: boolean;
  abstract readonly enforcesPolicies: boolean;
  private stopped: Promise<void> | undefined;

  constructor(readonly kubeconfig: string) {
    this.config = new KubeConfig();
    this.config.loadFromFile(kubeconfig);
    this.client = new ClusterClient(this.config);
  }

  async apply(manifests: Manifests, options?: ApplyOptions): Promise<Applied[]> {
    return await applyStrict(this.client, manifests, options);
  }

  async installCrds(paths: readonly string[]): Promise<void> {
    await installCrds(this.client, paths);
  }

  abstract kill(program: KillableName): Promise<void>;
  abstract resume(program: KillableName): Promise<void>;
  abstract killContainer(id: string): Promise<void>;
  abstract runOutside(addresses: readonly string[], program: string, args: readonly string[]): Promise<void>;
  abstract port(name: string): number;

  stop(): Promise<void> {
    this.stopped ??= this.end();
    return this.stopped;
  }

  protected abstract end(): Promise<void>;
}

class OwnCluster extends BaseCluster {
  readonly external = false;
  readonly enforcesPolicies: boolean;
  private readonly volumes: VolumeProvisioner | undefined;

  private constructor(
    private readonly plane: ControlPlane,
    { volumes, sizedVolumes, enforcePolicies }: Required<ClusterOptions>,
  ) {
    super(plane.site.kubeconfig(ADMIN));
    this.enforcesPolicies = enforcePolicies;
    const { node } = plane;
    const folder = plane.site.path("node/volumes");
    const mount = (path: string, bytes: number) => node?.mountVolume(path, bytes);
    if (volumes) this.volumes = new VolumeProvisioner(this.client, node && { folder, sized: sizedVolumes, mount });
  }

  static async start(options: Required<ClusterOptions>): Promise<OwnCluster> {
    const unavailable = whyNoCertificates() ?? whyNoNode(options);
    if (unavailable) throw unavailable;
    const built = await provide(programsFor(options.controllers, options.nodes), options.report);
    const files = options.enforcePolicies ? new Map([...built, [policyEngine, policyEngine.name]]) : built;
    const plane = await ControlPlane.start(files, options);
    const cluster = new OwnCluster(plane, options);
    try {
      await cluster.furnish(options);
      return cluster;
    } catch (error) {
      await cluster.stop().catch(() => undefined);
      throw error;
    }
  }

  get folder(): string {
    return this.plane.folder;
  }

  async kill(program: KillableName): Promise<void> {
    await this.plane.kill(KILLABLE[program]);
  }

  async resume(program: KillableName): Promise<void> {
    await this.plane.resume(KILLABLE[program]);
  }

  async killContainer(id: string): Promise<void> {
    const { node } = this.plane;
    await Promise.resolve();
    if (node === undefined) throw new Error(`Fake nodes run no container: ${id}`);
    node.killContainer(id);
  }

  async runOutside(addresses: readonly string[], program: string, args: readonly string[]): Promise<void> {
    await Promise.resolve();
    this.plane.runOutside(addresses, program, args);
  }

  port(name: string): number {
    return this.plane.site.port(name);
  }

  protected async end(): Promise<void> {
    this.volumes?.stop();
    this.client.close();
    await this.plane.stop();
  }

  private async furnish(options: Required<ClusterOptions>): Promise<void> {
    const { nodes, nodeCapacity, controllers, images, enforcePolicies } = options;
    if (nodes === "real") {
      const archives = typeof images === "function" ? await images() : images;
      await furnishRealNode(this.plane, this.client, archives, enforcePolicies);
    } else await Promise.all(fakeNodes(nodes, nodeCapacity).map((node) => this.client.create(node)));
    for (const name of controllers) await this.plane.add(CONTROLLERS[name], this.client);
    const count = nodes === "real" ? 1 : nodes;
    await eventually(() => this.canRunPods(count), { what: `${count} ready nodes`, timeoutMs: 60_000 });
  }

  /** Pods are refused before the default service account is there, and wait while nodes carry their first taint. */
  private async canRunPods(nodes: number): Promise<boolean> {
    const account = { apiVersion: "v1", kind: "ServiceAccount", metadata: { namespace: "default", name: "default" } };
    const ready = (await this.client.list("v1", "Node")).filter(
      ({ spec, status }) =>
        status.conditions?.some(({ type, status: is }: any) => type === "Ready" && is === "True") &&
        !spec.taints?.some(({ key }: any) => key.startsWith("node.kubernetes.io/")),
    );
    return ready.length >= nodes && (await this.client.find(account)) !== undefined;
  }
}

/** Somebody else's cluster: it gets back what it had. */
class ExternalCluster extends BaseCluster {
  readonly external = true;
  readonly enforcesPolicies = false;

  kill(program: KillableName): Promise<void> {
    return Promise.reject(notOurs(program));
  }

  resume(program: KillableName): Promise<void> {
    return Promise.reject(notOurs(program));
  }

  killContainer(id: string): Promise<void> {
    return Promise.reject(notOurs(id));
  }

  runOutside(_: readonly string[], program: string): Promise<void> {
    return Promise.reject(notOurs(program));
  }

  port(name: string): number {
    throw notOurs(name);
  }

  protected async end(): Promise<void> {
    const made = [...this.client.created].reverse();
    for (const object of made) await this.client.delete(object);
    // The next suite may use the same names.
    for (const object of made) {
      const { kind, metadata } = object;
      await eventually(async () => (await this.client.find(object).catch(() => undefined)) === undefined, {
        what: `the end of ${kind} ${metadata.name}`,
        timeoutMs: 120_000,
      });
    }
    this.client.close();
  }
}

function notOurs(program: string): ClusterError {
  return new ClusterError({
    code: "CLUSTER_NOT_OURS",
    path: program,
    value: UNDER_TEST,
    reason: "the programs of a cluster that was there before are its owner's",
    remedy: "Give the suite own: true",
  });
}
