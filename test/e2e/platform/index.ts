/** Puts the platform on a cluster that has nothing of it, with all that a cluster in AWS would bring. */
import { join } from "node:path";
import { CLONE_NAMESPACES, CLONE_SERVICE_NAMESPACE } from "../../../constructs/contract";
import { readSettings, Settings } from "../../../constructs/settings";
import type { Manifest } from "../../../infra/dist";
import { ApiError, Cluster } from "../../cluster";
import { whyNoPulumi } from "../../support/pulumi-cli";
import { documentsOf, LocalProject, REPOSITORY } from "../../support/pulumi-project";
import { Application, Applier, withPulumi, withWaves } from "./applier";
import { Attendant } from "./attendant";
import { overcommit } from "./overcommit";
import { sharedDatabase } from "./shared-database";
import { apiServerOf } from "./api-server";
import { ClusterAddresses, differences, STACK, tell, writeDifferences } from "./small-machine";
import { missingStorageClasses } from "./storage-classes";

export interface PlatformOptions {
  /** Where progress goes, line by line. */
  readonly report: (line: string) => void;
  /** How it is applied. @default "pulumi" where its CLI is on PATH, else "waves" */
  readonly by?: "pulumi" | "waves";
}

/** The story's right to put the program on the cluster again. */
export class Platform {
  readonly settings: Settings;
  private readonly attendant: Attendant;
  private readonly project: LocalProject;
  private rotations = 1;

  private constructor(
    private readonly applier: Applier,
    cluster: Cluster,
  ) {
    this.project = applier.project;
    this.settings = readSettings(STACK, this.project.root);
    this.attendant = new Attendant(cluster.client, this.settings.clones);
  }

  /** Returns when everything is ready. */
  static async bringUp(cluster: Cluster, { report, by = fromPath() }: PlatformOptions): Promise<Platform> {
    const made = differences(await addressesOf(cluster));
    report(tell(made));
    const change = (project: LocalProject) => writeDifferences(project, made);
    const applier = await (by === "pulumi" ? withPulumi : withWaves)(cluster, change, report);
    const platform = new Platform(applier, cluster);
    try {
      await furnish(cluster, documentsOf(STACK, platform.root), platform.settings);
      platform.attendant.start();
      report(by === "pulumi" ? "Applying by pulumi up …" : "Applying in waves, as there is no pulumi to ask …");
      await applier.up();
      return platform;
    } catch (error) {
      await platform.end();
      throw error;
    }
  }

  /** Folder of the project's copy, with its stack files and dist. */
  get root(): string {
    return this.project.root;
  }

  /** Applies again, with new values in one Secret of the contract. */
  async rotate(secret: string): Promise<void> {
    this.rotations += 1;
    this.project.configure(STACK, ["loomworks:rotate", secret], String(this.rotations));
    await this.applier.up();
  }

  /** Applies the same once more: nothing should come of it. */
  async again(): Promise<Application> {
    return await this.applier.up();
  }

  /** Deletes whatever was applied, and answers how much that was; undefined where nobody has kept a list of it. */
  get destroy(): (() => Promise<string>) | undefined {
    return this.applier.destroy;
  }

  /** Ends what attends to the cluster, and removes the copy of the project; the cluster keeps what it has. */
  async end(): Promise<void> {
    await this.attendant.stop();
    this.project.end();
  }
}

function fromPath(): "pulumi" | "waves" {
  return whyNoPulumi() === undefined ? "pulumi" : "waves";
}

/** What dist takes for granted, and `target: local` doesn't make. */
async function furnish(cluster: Cluster, manifests: readonly Manifest[], settings: Settings): Promise<void> {
  const { client } = cluster;
  // KRO takes no graph that names a kind it can't look up, as ACK's DBInstance, whether or not a clone asks for one.
  const crds = [join(REPOSITORY, "constructs", "imports", "crds"), join(REPOSITORY, "test", "support", "crds")];
  await cluster.installCrds(crds);
  const classes = await client.list("storage.k8s.io/v1", "StorageClass");
  await cluster.apply(missingStorageClasses(manifests, classes));
  await cluster.apply(sharedDatabase(settings.clones, settings.loomworks.storageClass));
  const spaces = [settings.loomworks.namespace, CLONE_SERVICE_NAMESPACE, ...Object.values(CLONE_NAMESPACES)];
  if (await servesMutations(cluster)) await cluster.apply(overcommit(spaces));
}

async function servesMutations({ client }: Cluster): Promise<boolean> {
  try {
    await client.list("admissionregistration.k8s.io/v1", "MutatingAdmissionPolicy");
    return true;
  } catch (error) {
    if (error instanceof ApiError && error.status !== 404) throw error;
    return false;
  }
}

async function addressesOf(cluster: Cluster): Promise<ClusterAddresses> {
  const [apiServer, pods] = [await apiServerOf(cluster), await cluster.client.list("v1", "Pod", "kube-system")];
  const pod = pods.find(({ spec, status }) => spec.hostNetwork !== true && status?.podIP !== undefined);
  return { ...(apiServer && { apiServer }), ...(pod && { pod: String(pod.status.podIP) }) };
}
