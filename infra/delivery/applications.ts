import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { CLONE_NAMESPACES, CLONE_SERVICE_NAMESPACE } from "../../constructs/contract";
import type { Stack } from "../../constructs/settings";
import { Component, LABELS } from "../component";
import { ARGO_CD_NAMESPACE } from "./argo-cd";

export interface ApplicationsArgs {
  readonly stack: Stack;
  /** Namespace of the Loomworks installation. */
  readonly namespace: string;
  /** Address of this repository, as in `https://github.com/acme/loomworks-platform`. */
  readonly repository: string;
  /** Branch, tag or commit that is delivered. */
  readonly revision: string;
}

/** Files of `dist/<stack>` by who they are for; each file belongs to one of them, and a test holds them to it. */
export const PARTS = {
  loomworks: "loomworks.*.k8s.yaml",
  clones: "{clone-kind,clones,odoo-copy,wordpress-*}.*.k8s.yaml",
} as const;

const PROJECT = "loomworks-platform";

const HERE = "https://kubernetes.default.svc";

/** Tries, and seconds between the first two: the graph of clones must be accepted before anything of its kind is. */
const RETRY = { limit: 10, backoff: { duration: "10s", factor: 2, maxDuration: "5m" } } as const;

/**
 * Applications that point at the reviewed manifests. They may make what these hold, in the namespaces that these name, and
 * nothing else; Secrets least of all, which are the program's.
 */
export class Applications extends Component {
  constructor(name: string, args: ApplicationsArgs, opts: pulumi.ComponentResourceOptions) {
    super("delivery:Applications", name, opts);
    const project = this.createProject(args, opts.dependsOn);
    for (const part of Object.keys(PARTS) as (keyof typeof PARTS)[]) this.createApplication(part, args, project);
    this.registerOutputs({ project: PROJECT });
  }

  private createProject(
    { namespace, repository }: ApplicationsArgs,
    dependsOn: pulumi.CustomResourceOptions["dependsOn"],
  ): k8s.apiextensions.CustomResource {
    const namespaces = [namespace, CLONE_SERVICE_NAMESPACE, ...Object.values(CLONE_NAMESPACES)];
    return this.createObject(
      "AppProject",
      PROJECT,
      {
        spec: {
          sourceRepos: [repository],
          destinations: namespaces.map((each) => ({ server: HERE, namespace: each })),
          clusterResourceWhitelist: CLUSTER_KINDS,
          namespaceResourceBlacklist: [{ group: "", kind: "Secret" }],
        },
      },
      dependsOn,
    );
  }

  private createApplication(part: keyof typeof PARTS, args: ApplicationsArgs, project: pulumi.Resource): void {
    const { stack, repository: repoURL, revision: targetRevision } = args;
    const source = { repoURL, targetRevision, path: `dist/${stack}`, directory: { include: PARTS[part] } };
    const namespace = part === "loomworks" ? args.namespace : CLONE_SERVICE_NAMESPACE;
    const syncPolicy = {
      // What the repository no longer has goes, volumes aside: those are for people to delete.
      automated: { prune: true, selfHeal: true },
      syncOptions: ["ServerSideApply=true", "ApplyOutOfSyncOnly=true", "PruneLast=true"],
      retry: RETRY,
    };
    const spec = { project: PROJECT, source, destination: { server: HERE, namespace }, syncPolicy };
    this.createObject("Application", part, { spec: { ...spec, ignoreDifferences: SCALED } }, [project]);
  }

  private createObject(
    kind: "AppProject" | "Application",
    name: string,
    content: { readonly spec: object },
    dependsOn: pulumi.CustomResourceOptions["dependsOn"],
  ): k8s.apiextensions.CustomResource {
    const metadata = { name, namespace: ARGO_CD_NAMESPACE, labels: LABELS };
    const args = { apiVersion: "argoproj.io/v1alpha1", kind, metadata, ...content };
    return new k8s.apiextensions.CustomResource(this.nameOf(name), args, this.childOptions({ dependsOn }));
  }
}

/** Kinds without a namespace that dist holds. */
const CLUSTER_KINDS = [
  { group: "", kind: "Namespace" },
  { group: "rbac.authorization.k8s.io", kind: "ClusterRole" },
  { group: "rbac.authorization.k8s.io", kind: "ClusterRoleBinding" },
  { group: "admissionregistration.k8s.io", kind: "ValidatingAdmissionPolicy" },
  { group: "admissionregistration.k8s.io", kind: "ValidatingAdmissionPolicyBinding" },
  { group: "kro.run", kind: "ResourceGraphDefinition" },
];

/** Replicas are the autoscalers', and Reloader's mark on pods is Reloader's. */
const SCALED = [
  {
    group: "apps",
    kind: "Deployment",
    jsonPointers: ["/spec/replicas"],
    jqPathExpressions: ['.spec.template.metadata.annotations["reloader.stakater.com/last-reloaded-from"]'],
  },
];
