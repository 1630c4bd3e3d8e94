/** The platform, top to bottom: what Pulumi runs, and what `npm run plan` runs without it. */
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { LOOMWORKS_SECRETS } from "../constructs/contract";
import type { AwsTarget, Settings } from "../constructs/settings";
import { InvalidInputError } from "../constructs/shared/problems";
import { createFoundation, createServices, ServicesArgs } from "./aws";
import { CloneAddons } from "./addons/clone-addons";
import { createCloneData, createKro } from "./clones";
import { ClusterAccess, readClusterAccess } from "./cluster/kubeconfig";
import { createClusterProvider } from "./cluster/provider";
import { explainingProblems, readConfiguration, Rotation } from "./config";
import { Credentials } from "./data/credentials";
import { OffsiteTarget } from "./data/offsite-target";
import { Applications } from "./delivery/applications";
import { Manifest, readDist } from "./dist";
import { cloneSize } from "./karpenter/buffer-capacity";
import { protectionOf, Wave } from "./manifests";
import { readAlertChannels } from "./observability/alert-channels";
import { inWaves } from "./waves";

/** What the program takes from outside of its configuration. */
interface Surroundings {
  /** Folder with `dist/`. */
  readonly root: string;
  /** Asked for when all else is known to be right. */
  readonly access: () => ClusterAccess;
}

const HERE: Surroundings = { root: join(__dirname, ".."), access: () => readClusterAccess(process.env) };

function platform({ root, access }: Surroundings) {
  // Everything is read and held against the rest before the first resource is registered.
  const { stack, settings, rotation } = readConfiguration(root);
  const { namespace, protectData } = settings.loomworks;
  const dist = readDist(stack, settings, root);
  const manifests = inWaves(dist);
  const target = isInAws(settings) ? inAws(settings, rotation, dist) : undefined;

  const foundation = target && createFoundation(stack, target.settings.aws);
  const cluster = createClusterProvider("cluster", foundation?.cluster.access ?? access());
  const protect = protectionOf({ namespace, protectData });
  const providers = [cluster, new random.Provider("random"), ...(foundation?.providers ?? [])];
  const services = target && foundation && createServices(foundation, target, providers);
  const after = (...dependsOn: pulumi.Resource[]) =>
    dependsOn.length === 0 ? { providers } : { providers, dependsOn };

  const first = after(...(services?.ready ?? []));
  const namespaces = new Wave("namespaces", { manifests: manifests.namespaces, protect }, first);
  const secrets = Object.values(LOOMWORKS_SECRETS);
  const credentials = new Credentials("credentials", { namespace, secrets, rotation }, after(namespaces));
  const database = services && { database: services.database, administrator: services.database.administrator };
  const cloneData = createCloneData({ settings: settings.clones, rotation, ...database }, after(namespaces));
  const offsite = services && new OffsiteTarget("offsite", { ...services.offsite, namespace }, after(namespaces));
  const made = [credentials, ...cloneData.resources, ...(offsite?.ready ?? [])];
  const rules = new Wave("rules", { manifests: manifests.rules, protect }, after(...made));
  const kro = createKro(settings.clones, after(rules), services !== undefined);
  const cloneAddons = services && new CloneAddons("clone-addons", services.cloneAddons, after(namespaces));
  const controllers = [...kro, ...(cloneAddons ? [cloneAddons] : [])];

  const outputs = { namespace, domain: settings.loomworks.domain, ...services?.outputs };
  if (services?.argoCd !== undefined) {
    const { repository = "", revision } = settings.aws.delivery;
    const delivered = after(rules, ...controllers, services.argoCd);
    new Applications("applications", { stack, namespace, repository, revision }, delivered);
    return outputs;
  }
  const hashes = { ...credentials.hashes, ...cloneData.hashes };
  const data = new Wave("data", { manifests: manifests.data, protect, hashes }, after(rules, ...controllers));
  const apps = new Wave("apps", { manifests: manifests.apps, protect, hashes }, after(data));
  new Wave("access", { manifests: manifests.access, protect }, after(apps));
  return outputs;
}

/** The settings made sure that account, region and domain are there. */
function isInAws(settings: Settings): settings is Settings & { aws: AwsTarget } {
  return settings.target === "aws";
}

function inAws(settings: ServicesArgs["settings"], rotation: Rotation, dist: readonly Manifest[]): ServicesArgs {
  return { settings, rotation, clone: sizeOfClones(dist, settings), alerts: readAlertChannels(settings.aws) };
}

function sizeOfClones(dist: readonly Manifest[], { clones }: Settings): ServicesArgs["clone"] {
  const size = cloneSize(dist, clones.database);
  if (size !== undefined) return size;
  const reason = "there is no graph of clones, whose size the warm nodes are counted by";
  const problem = { code: "DIST_CLONE", path: "dist", value: null, reason, remedy: "Run npm run synth" };
  throw new InvalidInputError([problem]);
}

export = (surroundings = HERE) => explainingProblems(() => platform(surroundings));
