import { k8s } from "cdk8s-plus-28";
import { Construct } from "constructs";
import {
  Middleware,
  ServersTransport,
  ServersTransportSpecForwardingTimeoutsResponseHeaderTimeout as ResponseHeaderTimeout,
} from "../imports/traefik.io";
import { objectLabels } from "../shared/labels";
import type { LoomworksSettings } from "../settings/loomworks";
import { LONGEST_REQUEST_SECONDS } from "./odoo-config";
import { ODOO } from "./odoo-pod";

export interface RoutingProps {
  readonly settings: Pick<LoomworksSettings, "namespace" | "domain" | "clusterIssuer">;
}

/** Largest body of a request, in bytes: the documents' 100m. */
const MAX_BODY_BYTES = 100 * 2 ** 20;

/** Bodies up to this size stay in Traefik's memory; larger ones go to its disk. */
const BODY_IN_MEMORY_BYTES = 2 * 2 ** 20;

/** A year: what browsers' preload lists ask for (RFC 6797). */
const HSTS_SECONDS = 31_536_000;

/** Names as Traefik refers to them from an Ingress. */
const LIMIT = "odoo-body-limit";
const TRANSPORT = "odoo-transport";
const HEADERS = "odoo-headers";

/**
 * `*.<domain>` over TLS to Odoo, with the Host header kept for its dbfilter. WebSockets have an Ingress of their own,
 * because a body limit means buffering, and a stream must not be buffered.
 */
export class Routing extends Construct {
  constructor(scope: Construct, id: string, { settings }: RoutingProps) {
    super(scope, id);
    this.createMiddlewares();
    this.createTransport();
    // One of the two asks for the certificate that both serve: cert-manager refuses a second owner.
    const certificate = { "cert-manager.io/cluster-issuer": settings.clusterIssuer };
    this.createIngress("odoo", settings, [HEADERS, LIMIT], [path("/", "http")], certificate);
    this.createIngress(
      "odoo-websocket",
      settings,
      [HEADERS],
      [path("/websocket", "websocket"), path("/longpolling", "websocket")],
    );
  }

  private createMiddlewares(): void {
    new Middleware(this, "BodyLimit", {
      metadata: { name: LIMIT, labels: objectLabels(ODOO.name) },
      spec: { buffering: { maxRequestBodyBytes: MAX_BODY_BYTES, memRequestBodyBytes: BODY_IN_MEMORY_BYTES } },
    });
    new Middleware(this, "Headers", {
      metadata: { name: HEADERS, labels: objectLabels(ODOO.name) },
      spec: { headers: { stsSeconds: HSTS_SECONDS, stsIncludeSubdomains: true, contentTypeNosniff: true } },
    });
  }

  private createTransport(): void {
    new ServersTransport(this, "Transport", {
      metadata: { name: TRANSPORT, labels: objectLabels(ODOO.name) },
      spec: {
        forwardingTimeouts: {
          // A little longer than Odoo's own limit, so that it is Odoo that ends a request, with a message.
          responseHeaderTimeout: ResponseHeaderTimeout.fromString(`${LONGEST_REQUEST_SECONDS + 60}s`),
        },
      },
    });
  }

  private createIngress(
    name: string,
    { namespace, domain }: RoutingProps["settings"],
    middlewares: readonly string[],
    paths: k8s.HttpIngressPath[],
    annotations: Readonly<Record<string, string>> = {},
  ): void {
    const host = `*.${domain}`;
    new k8s.KubeIngress(this, name, {
      metadata: {
        name,
        labels: objectLabels(ODOO.name),
        annotations: {
          ...annotations,
          "traefik.ingress.kubernetes.io/router.entrypoints": "websecure",
          "traefik.ingress.kubernetes.io/router.middlewares": middlewares
            .map((middleware) => `${namespace}-${middleware}@kubernetescrd`)
            .join(","),
        },
      },
      spec: {
        ingressClassName: "traefik",
        tls: [{ hosts: [host], secretName: "odoo-wildcard-tls" }],
        rules: [{ host, http: { paths } }],
      },
    });
  }
}

/** Service annotation that has Traefik use the time-outs above. */
export function transportAnnotation(namespace: string): Record<string, string> {
  return { "traefik.ingress.kubernetes.io/service.serverstransport": `${namespace}-${TRANSPORT}@kubernetescrd` };
}

function path(prefix: string, portName: string): k8s.HttpIngressPath {
  return { path: prefix, pathType: "Prefix", backend: { service: { name: ODOO.name, port: { name: portName } } } };
}
