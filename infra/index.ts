/** The platform, top to bottom: what Pulumi runs, and what `npm run plan` runs without it. */
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { LOOMWORKS_SECRETS } from "../constructs/contract";
import { createCloneData, createKro } from "./clones";
import { ClusterAccess, readClusterAccess } from "./cluster/kubeconfig";
import { createClusterProvider } from "./cluster/provider";
import { explainingProblems, readConfiguration } from "./config";
import { Credentials } from "./data/credentials";
import { readDist } from "./dist";
import { protectionOf, Wave } from "./manifests";
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
  const manifests = inWaves(readDist(stack, settings, root));
  const cluster = createClusterProvider("cluster", access());

  const protect = protectionOf({ namespace, protectData });
  const providers = [cluster, new random.Provider("random")];
  const after = (...dependsOn: pulumi.Resource[]) =>
    dependsOn.length === 0 ? { providers } : { providers, dependsOn };

  const namespaces = new Wave("namespaces", { manifests: manifests.namespaces, protect }, after());
  const secrets = Object.values(LOOMWORKS_SECRETS);
  const credentials = new Credentials("credentials", { namespace, secrets, rotation }, after(namespaces));
  const cloneData = createCloneData({ settings: settings.clones, rotation }, after(namespaces));
  const rules = new Wave("rules", { manifests: manifests.rules, protect }, after(credentials, ...cloneData.resources));
  const kro = createKro(settings.clones, after(rules));
  const hashes = { ...credentials.hashes, ...cloneData.hashes };
  const data = new Wave("data", { manifests: manifests.data, protect, hashes }, after(rules, ...kro));
  const apps = new Wave("apps", { manifests: manifests.apps, protect, hashes }, after(data));
  new Wave("access", { manifests: manifests.access, protect }, after(apps));

  return { namespace, domain: settings.loomworks.domain };
}

export = (surroundings = HERE) => explainingProblems(() => platform(surroundings));
