import type { KubeObject } from "../cluster";

/** The namespace of the installation that dist describes. */
export const NAMESPACE = "loomworks";

/** Selects the pods for requests. */
export const ODOO = "app.kubernetes.io/name=odoo";

/** A reference to an object of the installation. */
export function inNamespace(apiVersion: string, kind: string, name: string) {
  return { apiVersion, kind, metadata: { namespace: NAMESPACE, name } };
}

/** A pod that the namespace's Pod Security level accepts, and that nobody there knows. */
export function strangerPod(name: string, container: object = {}, labels: Record<string, string> = {}): KubeObject {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { namespace: NAMESPACE, name, labels },
    spec: {
      securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
      containers: [
        {
          name: "main",
          image: "example/stranger:1",
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
          ...container,
        },
      ],
    },
  };
}

/** Labels as a selector's text. */
export function selectorText(labels: Record<string, string>): string {
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(",");
}
