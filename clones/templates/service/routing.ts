import { k8s } from "cdk8s-plus-28";
import { Construct } from "constructs";
import { CLONE_SERVICE_NAMESPACE } from "../../../constructs/contract";
import { Middleware } from "../../../constructs/imports/traefik.io";
import type { ClonesSettings } from "../../../constructs/settings";
import { objectLabels } from "../../../constructs/shared/labels";
import { ACCOUNTS } from "../accounts";

const NAME = ACCOUNTS.service;
const HEADERS = `${NAME}-headers`;

/** A year: what browsers' preload lists ask for (RFC 6797). */
const HSTS_SECONDS = 31_536_000;

/** Below the clones' domain; admission keeps customers from having it. */
const HOST = "api";

/**
 * `api.<domain>` over TLS to the API. Nothing is buffered on the way, or events would reach nobody in time; the API bounds
 * bodies itself.
 */
export class ApiRouting extends Construct {
  constructor(scope: Construct, id: string, { domain, service }: ClonesSettings) {
    super(scope, id);
    const host = `${HOST}.${domain}`;
    new Middleware(this, "Headers", {
      metadata: { name: HEADERS, labels: objectLabels(NAME) },
      spec: { headers: { stsSeconds: HSTS_SECONDS, contentTypeNosniff: true } },
    });
    new k8s.KubeIngress(this, "Ingress", {
      metadata: {
        name: NAME,
        labels: objectLabels(NAME),
        annotations: {
          "cert-manager.io/cluster-issuer": service.clusterIssuer,
          "traefik.ingress.kubernetes.io/router.entrypoints": "websecure",
          "traefik.ingress.kubernetes.io/router.middlewares": `${CLONE_SERVICE_NAMESPACE}-${HEADERS}@kubernetescrd`,
        },
      },
      spec: {
        ingressClassName: "traefik",
        tls: [{ hosts: [host], secretName: `${NAME}-tls` }],
        rules: [
          {
            host,
            http: {
              paths: [{ path: "/", pathType: "Prefix", backend: { service: { name: NAME, port: { name: "http" } } } }],
            },
          },
        ],
      },
    });
  }
}
