import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { LABELS } from "../component";

export interface AdmittedArgs {
  /** Of the Ingress; the two belong together. */
  readonly namespace: string;
  /** Who is let through, in CIDR notation; at least one. */
  readonly networks: readonly string[];
}

const NAME = "admitted";

/**
 * What a page of operators asks of Traefik before anything else: that whoever comes, comes from these networks. The address is the one
 * that the load balancer saw, which it puts last; what stands before it, anybody may have written.
 */
export function createAdmitted(
  name: string,
  { namespace, networks }: AdmittedArgs,
  opts: pulumi.CustomResourceOptions,
): k8s.apiextensions.CustomResource {
  const spec = { ipAllowList: { sourceRange: [...networks], ipStrategy: { depth: 1 } } };
  const metadata = { name: NAME, namespace, labels: LABELS };
  return new k8s.apiextensions.CustomResource(
    name,
    { apiVersion: "traefik.io/v1alpha1", kind: "Middleware", metadata, spec },
    opts,
  );
}

/** Annotations of an Ingress behind it. Where it is missing, Traefik serves nothing. */
export function admittedIngress(namespace: string): Record<string, string> {
  return {
    "traefik.ingress.kubernetes.io/router.entrypoints": "websecure",
    "traefik.ingress.kubernetes.io/router.middlewares": `${namespace}-${NAME}@kubernetescrd`,
  };
}
