import { CLONE_LABELS } from "../../../constructs/contract";
import type { ResourceGraphDefinitionSpecResources as Node } from "../../../constructs/imports/kro.run";
import { cel, childLabels, childName, CUSTOMER, HAS_PATH, NAME, NAMESPACE, NODES } from "./expressions";
import { HTTP } from "./pod";

/** The documents' name of the ALB that clones share; those after the first are counted. */
const ALB_GROUP = "wordpress-clones";

/** On the Service: the pod that ran when it was made. Naming it has KRO wait for one. */
const POD_ANNOTATION = "clones.betaweb.ai/pod";

/** On the Service: the ConfigMap that comes with the Job. Naming it has KRO take the Service away before either. */
const CONFIG_ANNOTATION = "clones.betaweb.ai/config";

/** The pods that serve the clone, whoever made them: a Job, or the warm pool, which labels the one that is claimed. */
export function podsNode(): Node {
  const selector = { matchLabels: { [CLONE_LABELS.clone]: cel(NAME) } };
  return {
    id: NODES.pods,
    externalRef: { apiVersion: "v1", kind: "Pod", metadata: { namespace: cel(NAMESPACE), selector } },
  };
}

export const IS_RUNNING = 'p.?status.?phase.orValue("") == "Running" && !has(p.metadata.deletionTimestamp)';

export function serviceNode(): Node {
  return {
    id: NODES.service,
    template: {
      apiVersion: "v1",
      kind: "Service",
      metadata: {
        name: childName(),
        labels: childLabels(),
        annotations: {
          [POD_ANNOTATION]: cel(`${NODES.pods}.filter(p, ${IS_RUNNING})[0].metadata.name`),
          [CONFIG_ANNOTATION]: cel(`${NODES.database}.metadata.name`),
        },
      },
      spec: {
        selector: { [CLONE_LABELS.clone]: cel(NAME) },
        ports: [{ name: HTTP.name, port: 80, targetPort: HTTP.name, protocol: "TCP" }],
      },
    },
  };
}

/** By a host of the customer's own through Traefik, or by a path on one of the shared ALBs. */
export function ingressNode(domain: string): Node {
  const group = `schema.spec.albGroup == 0 ? "${ALB_GROUP}" : "${ALB_GROUP}-" + string(schema.spec.albGroup)`;
  const albAnnotations = [
    `"alb.ingress.kubernetes.io/group.name": (${group})`,
    '"alb.ingress.kubernetes.io/scheme": "internet-facing"',
    '"alb.ingress.kubernetes.io/target-type": "ip"',
    '"alb.ingress.kubernetes.io/healthcheck-path": "/healthz"',
  ].join(", ");
  return {
    id: NODES.ingress,
    template: {
      apiVersion: "networking.k8s.io/v1",
      kind: "Ingress",
      metadata: {
        name: childName(),
        labels: childLabels(),
        annotations: cel(`${HAS_PATH} ? {${albAnnotations}} : {"clones.betaweb.ai/host": ${host(domain)}}`),
      },
      spec: {
        ingressClassName: cel(`${HAS_PATH} ? "alb" : "traefik"`),
        rules: [
          {
            // An empty host is any: on the shared ALB it is the path that tells clones apart.
            host: cel(`${HAS_PATH} ? "" : ${host(domain)}`),
            http: {
              paths: [
                {
                  path: cel(`${HAS_PATH} ? "/" + ${NAME} + "/" : "/"`),
                  pathType: "Prefix",
                  backend: { service: { name: cel(`${NODES.service}.metadata.name`), port: { name: HTTP.name } } },
                },
              ],
            },
          },
        ],
      },
    },
  };
}

/** The customer's host, as CEL. */
export function host(domain: string): string {
  return `${CUSTOMER} + ".${domain}"`;
}
