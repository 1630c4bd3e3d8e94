/** Access to the cluster that KUBECONFIG names: its current context alone, and all that it takes in one text. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import type * as pulumi from "@pulumi/pulumi";
import { parse } from "yaml";
import { InvalidInputError, Problem } from "../../constructs/shared/problems";

export interface ClusterAccess {
  /** A kubeconfig with one context, and with credentials: a secret. */
  readonly kubeconfig: pulumi.Input<string>;
  /** Who the cluster is, whatever its address and whoever asks: Pulumi keeps its objects apart from another's by this. */
  readonly identifier: pulumi.Input<string>;
}

interface Named {
  readonly name: string;
}
type Cluster = Readonly<Record<string, unknown>> & {
  readonly server?: string;
  readonly "certificate-authority-data"?: string;
};
interface Kubeconfig {
  readonly "current-context"?: string;
  readonly contexts?: readonly (Named & { readonly context: { readonly cluster: string; readonly user: string } })[];
  readonly clusters?: readonly (Named & { readonly cluster: Cluster })[];
  readonly users?: readonly (Named & { readonly user?: Record<string, unknown> })[];
}

/** Fields that name a file, and those that hold the same content in place. */
const FILES = {
  "certificate-authority": "certificate-authority-data",
  "client-certificate": "client-certificate-data",
  "client-key": "client-key-data",
} as const;

/**
 * @param environment where KUBECONFIG is looked up; without it, kubectl's own file is read
 * @throws {InvalidInputError} if there is no such file, or it names no cluster
 */
export function readClusterAccess(environment: NodeJS.ProcessEnv): ClusterAccess {
  const file = environment.KUBECONFIG ?? join(homedir(), ".kube", "config");
  try {
    return currentContext(parse(readFileSync(file, "utf8")) as Kubeconfig | null, dirname(resolve(file)));
  } catch (error) {
    throw new InvalidInputError([unusable(file, (error as Error).message)]);
  }
}

function currentContext(config: Kubeconfig | null, folder: string): ClusterAccess {
  const name = config?.["current-context"];
  const context = config?.contexts?.find((entry) => entry.name === name);
  const cluster = config?.clusters?.find((entry) => entry.name === context?.context.cluster);
  if (context === undefined || cluster === undefined) throw new Error("it has no current context with a cluster");
  const user = config?.users?.find((entry) => entry.name === context.context.user);

  const embedded = embed(cluster.cluster, folder);
  const kubeconfig = {
    apiVersion: "v1",
    kind: "Config",
    "current-context": context.name,
    contexts: [context],
    clusters: [{ ...cluster, cluster: embedded }],
    users: user === undefined ? [] : [{ ...user, user: embed(user.user ?? {}, folder) }],
  };
  return { kubeconfig: JSON.stringify(kubeconfig), identifier: identify(embedded) };
}

/** Content in the place of file names, which mean something on this machine alone. */
function embed(entry: Record<string, unknown>, folder: string): Record<string, unknown> {
  const fields = Object.entries(entry).map(([key, value]) => {
    const inPlace = FILES[key as keyof typeof FILES] as string | undefined;
    if (inPlace === undefined) return [key, value] as const;
    return [inPlace, readFileSync(resolve(folder, String(value))).toString("base64")] as const;
  });
  return Object.fromEntries(fields);
}

/** By the authority that signs for it: the address of a local cluster changes from start to start. */
function identify(cluster: Cluster): string {
  const authority = cluster["certificate-authority-data"] ?? cluster.server ?? "";
  return createHash("sha256").update(authority).digest("hex").slice(0, 16);
}

function unusable(file: string, message: string): Problem {
  return {
    code: "KUBECONFIG",
    path: file,
    value: null,
    reason: `no cluster can be reached by it (${message.split("\n")[0] ?? ""})`,
    remedy: "Point KUBECONFIG at one file whose current context is the cluster to apply to",
  };
}
