import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { PEERS } from "../../constructs/contract";
import { CHARTS } from "../../constructs/versions";
import { LABELS } from "../component";
import { HelmAddon } from "./helm-addon";
import { ONE_AT_A_TIME, resources, spread } from "./values";

export interface TraefikArgs {
  /** Replicas; two at least, or the end of a node is an outage of everything. */
  readonly replicas: number;
  /** Addresses of the load balancer, whose headers are believed: those of the VPC, and nobody else's. */
  readonly trustedNetwork: string;
  /** Name of the load balancer, which Ingresses show as their address. */
  readonly hostname: pulumi.Input<string>;
  /** Where traces begin, as in `http://otel-collector.observability.svc.cluster.local:4318`; empty for nowhere. */
  readonly tracingEndpoint: string;
  /** Secret with the certificate of hosts that bring none: clones. */
  readonly defaultCertificate: string;
}

const NAME = "traefik";

/** Its ports, as the load balancer's target group and security group must know them. */
export const TRAEFIK_PORTS = { https: 8443, health: 8080 } as const;

/** Path at which it says that it works, on {@link TRAEFIK_PORTS}' `health`. */
export const TRAEFIK_HEALTH_PATH = "/ping";

/** A minute more than Odoo's longest request, reports and imports: 100 MB over a slow line. */
const READ_TIMEOUT = "660s";

/** Above what the load balancer waits for: it must be that one which ends a quiet connection, or some requests get no answer. */
const IDLE_TIMEOUT = "720s";

/** Seconds that it goes on taking requests after its end was decided: the load balancer has to see it first. */
const DRAIN_SECONDS = 30;

/** The way in: one load balancer before it, and behind it each clone, API and Odoo by its host. */
export class Traefik extends HelmAddon {
  constructor(name: string, args: TraefikArgs, opts: pulumi.ComponentResourceOptions) {
    super(name, { chart: CHARTS.traefik, namespace: PEERS.ingress.namespace, values: traefikValues(args) }, opts);
  }

  /** Puts its pods into a target group that the program made: nothing is left behind that only a controller could delete. */
  bindTo(targetGroupARN: pulumi.Input<string>, dependsOn: pulumi.Resource[]): k8s.apiextensions.CustomResource {
    return new k8s.apiextensions.CustomResource(
      this.nameOf("targets"),
      {
        apiVersion: "elbv2.k8s.aws/v1beta1",
        kind: "TargetGroupBinding",
        metadata: { name: NAME, namespace: this.namespace, labels: LABELS },
        spec: { serviceRef: { name: NAME, port: "websecure" }, targetGroupARN, targetType: "ip" },
      },
      this.childOptions({ dependsOn: [this.nodes.release, ...dependsOn] }),
    );
  }
}

/** Values of its chart. */
export function traefikValues(args: TraefikArgs) {
  return {
    fullnameOverride: NAME,
    deployment: { replicas: args.replicas, terminationGracePeriodSeconds: DRAIN_SECONDS * 3 },
    updateStrategy: { rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
    podDisruptionBudget: { enabled: true, ...ONE_AT_A_TIME },
    topologySpreadConstraints: spread(PEERS.ingress.labels),
    resources: resources("100m", "128Mi", "512Mi"),
    service: { spec: { type: "ClusterIP" } },
    ingressClass: { enabled: true, isDefaultClass: false, name: NAME },
    providers: {
      kubernetesCRD: { enabled: true, allowCrossNamespace: false, allowExternalNameServices: false },
      kubernetesIngress: {
        enabled: true,
        allowExternalNameServices: false,
        // 503 while no pod is ready, rather than 404.
        allowEmptyServices: true,
        // As Kubernetes defines a path: /websocket is not the beginning of /websockets.
        strictPrefixMatching: true,
        publishedService: { enabled: false },
        ingressEndpoint: { hostname: args.hostname },
      },
      kubernetesGateway: { enabled: false },
    },
    ports: portsOf(args),
    tlsStore: { default: { defaultCertificate: { secretName: args.defaultCertificate } } },
    ...operationsOf(args),
  };
}

function portsOf({ trustedNetwork }: TraefikArgs) {
  return {
    // The load balancer sends people from HTTP to HTTPS; nothing here answers the former.
    web: { expose: { default: false }, http: { redirections: { entryPoint: { to: "websecure", scheme: "https" } } } },
    traefik: { port: TRAEFIK_PORTS.health },
    websecure: {
      port: TRAEFIK_PORTS.https,
      // For Ingresses that name no entry point: those of clones.
      asDefault: true,
      // Odoo takes the last address for the caller's, which is what the load balancer wrote; with its own added, all callers are one.
      forwardedHeaders: { trustedIPs: [trustedNetwork], notAppendXForwardedFor: true },
      transport: {
        respondingTimeouts: { readTimeout: READ_TIMEOUT, idleTimeout: IDLE_TIMEOUT },
        lifeCycle: { requestAcceptGraceTimeout: `${DRAIN_SECONDS}s`, graceTimeOut: `${DRAIN_SECONDS}s` },
      },
    },
  };
}

function operationsOf({ tracingEndpoint }: TraefikArgs) {
  const http = { enabled: true, endpoint: `${tracingEndpoint}/v1/traces` };
  return {
    log: { format: "json" },
    // Links that set a password carry their token as a parameter.
    accessLog: { enabled: true, format: "json", fields: { queryParameters: { defaultMode: "drop" } } },
    metrics: { prometheus: { service: { enabled: true }, serviceMonitor: { enabled: true } } },
    ...(tracingEndpoint !== "" && { tracing: { otlp: { enabled: true, http } } }),
    global: { checkNewVersion: false, sendAnonymousUsage: false },
    api: { dashboard: false },
  };
}
