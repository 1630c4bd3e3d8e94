import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import { CREDENTIALS_HASH_ANNOTATION } from "../constructs/contract";
import { Component } from "./component";
import { Manifest, pathOf } from "./dist";

export interface WaveArgs {
  readonly manifests: readonly Manifest[];
  /** What Pulumi must refuse to delete. */
  readonly protect: (manifest: Manifest) => boolean;
  /** By name of a Secret of the contract: the hash of its values. @default none */
  readonly hashes?: Readonly<Record<string, pulumi.Output<string>>>;
}

/** Whether Pulumi refuses to delete an object: the installation's namespace and its volumes, where the stack says so. */
export function protectionOf(settings: { readonly namespace: string; readonly protectData: boolean }) {
  return ({ kind, metadata }: Manifest): boolean =>
    settings.protectData &&
    ((kind === "Namespace" && metadata.name === settings.namespace) ||
      (kind === "PersistentVolumeClaim" && metadata.namespace === settings.namespace));
}

/**
 * Kinds that are as good as there once the API server has them. An Ingress gets its address from a controller that a
 * local cluster need not have, and nothing of the stack waits for it.
 */
const NOT_AWAITED: readonly string[] = ["Ingress"];

/**
 * Some of the manifests, applied as they were reviewed, all at once. Two things are added, and nothing is left out:
 * what Pulumi is told by annotation, and on pods that read credentials from their environment the hash of those, so
 * that a rotation rolls them (LOOM-07). A Job can't be rolled: Pulumi makes it anew, and it runs again.
 */
export class Wave extends Component {
  readonly nodes: { readonly objects: readonly pulumi.CustomResource[] };

  constructor(name: string, args: WaveArgs, opts: pulumi.ComponentResourceOptions) {
    super("manifests:Wave", name, opts);
    // A component's own dependsOn isn't kept for its children, and it is they who are deleted in the right order.
    const { dependsOn } = opts;
    const objects = args.manifests.map((manifest) => {
      const inputs = withCredentialsHash(withInstructions(manifest), args.hashes ?? {});
      return new KubernetesObject(inputs, this.childOptions({ dependsOn, protect: args.protect(manifest) }));
    });
    this.nodes = { objects };
    this.registerOutputs({ objects: objects.length });
  }
}

/** Any object, by its own kind: the plan shows each one, and the provider treats it as it treats its typed twin. */
class KubernetesObject extends pulumi.CustomResource {
  constructor(manifest: Manifest, opts: pulumi.CustomResourceOptions) {
    const { apiVersion, kind } = manifest;
    const module = apiVersion.includes("/") ? apiVersion : `core/${apiVersion}`;
    super(`kubernetes:${module}:${kind}`, pathOf(manifest), manifest, opts);
  }
}

function withInstructions(manifest: Manifest): Manifest {
  if (!NOT_AWAITED.includes(manifest.kind)) return manifest;
  const annotations = { ...(manifest.metadata.annotations as object | undefined), "pulumi.com/skipAwait": "true" };
  return { ...manifest, metadata: { ...manifest.metadata, annotations } };
}

interface PodTemplate {
  readonly metadata?: { readonly annotations?: object };
  readonly spec: { readonly containers: readonly Container[]; readonly initContainers?: readonly Container[] };
}

interface Container {
  readonly env?: readonly { readonly valueFrom?: { readonly secretKeyRef?: { readonly name: string } } }[];
  readonly envFrom?: readonly { readonly secretRef?: { readonly name: string } }[];
}

function withCredentialsHash(manifest: Manifest, hashes: Readonly<Record<string, pulumi.Output<string>>>): Manifest {
  const spec = manifest.spec as { template?: PodTemplate } | undefined;
  if (spec?.template === undefined) return manifest;
  const read = [...new Set(secretsInEnvironment(spec.template))].sort().flatMap((name) => hashes[name] ?? []);
  if (read.length === 0) return manifest;
  const hash = pulumi.all(read).apply((each) => createHash("sha256").update(each.join()).digest("hex"));
  const annotations = { ...spec.template.metadata?.annotations, [CREDENTIALS_HASH_ANNOTATION]: hash };
  const template = { ...spec.template, metadata: { ...spec.template.metadata, annotations } };
  return { ...manifest, spec: { ...spec, template } };
}

/** Files of a Secret change under a running pod; its environment never does. */
function secretsInEnvironment({ spec }: PodTemplate): string[] {
  return [...spec.containers, ...(spec.initContainers ?? [])].flatMap(({ env = [], envFrom = [] }) => [
    ...env.flatMap(({ valueFrom }) => valueFrom?.secretKeyRef?.name ?? []),
    ...envFrom.flatMap(({ secretRef }) => secretRef?.name ?? []),
  ]);
}
