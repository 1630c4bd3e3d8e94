import { copyFileSync, mkdirSync } from "node:fs";
import { httpAnswers } from "../probe";
import type { Site } from "../site";
import { VERSIONS } from "../versions";
import type { GoSource, Program } from "./program";

const MODULE = "github.com/kedacore/keda/v2";

/** The `replace` block of KEDA's own go.mod, which a build from outside does not follow. */
const REPLACE = {
  "github.com/google/cel-go": "v0.26.0",
  "github.com/prometheus/client_golang": "v1.23.2",
  "github.com/prometheus/client_model": "v0.6.2",
  "github.com/prometheus/common": "v0.66.1",
  "github.com/prometheus/prometheus": "v0.304.2",
  "k8s.io/api": "v0.35.5",
  "k8s.io/apiextensions-apiserver": "v0.35.5",
  "k8s.io/apimachinery": "v0.35.5",
  "k8s.io/apiserver": "v0.35.5",
  "k8s.io/client-go": "v0.35.5",
  "k8s.io/code-generator": "v0.35.5",
  "k8s.io/component-base": "v0.35.5",
  "k8s.io/gengo/v2": "v2.0.0-20250922181213-ec3ebc5fd46b",
  "k8s.io/kube-openapi": "v0.0.0-20250910181357-589584f1c912",
  "k8s.io/metrics": "v0.35.5",
  "sigs.k8s.io/controller-runtime": "v0.23.3",
};

/** Names of the ports. `keda-metrics` is what Prometheus asks the operator on. */
const PORTS = { probe: "keda-probe", metrics: "keda-metrics", grpc: "keda-grpc" } as const;
const ADAPTER_PORTS = { api: "keda-adapter", metrics: "keda-adapter-metrics" } as const;

/** Every namespace: what a stack watches is narrower (infra/addons/keda.ts). */
const ENVIRONMENT = { WATCH_NAMESPACE: "", POD_NAMESPACE: "keda", KEDA_CLUSTER_OBJECT_NAMESPACE: "keda" };

/** Looks at what scales, makes the autoscalers, and answers the adapter. */
export const kedaOperator: Program = {
  name: "keda-operator",
  version: VERSIONS.keda,
  minutes: 20,
  source: { ...source("operator"), assets: { crds: "config/crd/bases" } },
  run: {
    ports: Object.values(PORTS),
    groups: ["system:masters"],
    prepare: layCertificates,
    args: (site) => [
      `--kubeconfig=${site.kubeconfig("keda-operator")}`,
      `--metrics-bind-address=127.0.0.1:${site.port(PORTS.metrics)}`,
      `--health-probe-bind-address=127.0.0.1:${site.port(PORTS.probe)}`,
      `--metrics-service-bind-address=127.0.0.1:${site.port(PORTS.grpc)}`,
      `--cert-dir=${certificates(site)}`,
      "--enable-cert-rotation=false",
      "--enable-apiservice-patching=false",
      "--enable-webhook-patching=false",
    ],
    env: () => ENVIRONMENT,
    ready: (site) => httpAnswers(`http://127.0.0.1:${site.port(PORTS.probe)}/readyz`),
  },
};

/** Serves what the operator reads as an API, which Kubernetes' own autoscaler asks. */
export const kedaAdapter: Program = {
  name: "keda-adapter",
  version: VERSIONS.keda,
  minutes: 1,
  source: source("adapter"),
  run: {
    ports: Object.values(ADAPTER_PORTS),
    groups: ["system:masters"],
    args: (site) => [
      ...["kubeconfig", "lister-kubeconfig", "authentication-kubeconfig", "authorization-kubeconfig"].map(
        (flag) => `--${flag}=${site.kubeconfig("keda-adapter")}`,
      ),
      `--metrics-service-address=localhost:${site.port(PORTS.grpc)}`,
      "--bind-address=127.0.0.1",
      `--secure-port=${site.port(ADAPTER_PORTS.api)}`,
      `--port=${site.port(ADAPTER_PORTS.metrics)}`,
      `--cert-dir=${certificates(site)}`,
      `--tls-cert-file=${site.path("pki/serving.crt")}`,
      `--tls-private-key-file=${site.path("pki/serving.key")}`,
      `--requestheader-client-ca-file=${site.path("pki/front-proxy-ca.crt")}`,
    ],
    env: () => ENVIRONMENT,
    ready: (site) => httpAnswers(`https://127.0.0.1:${site.port(ADAPTER_PORTS.api)}/readyz`),
  },
};

/** What the adapter adds to the API. */
export const EXTERNAL_METRICS = {
  groupVersion: "external.metrics.k8s.io/v1beta1",
  service: "keda-operator-metrics-apiserver",
  port: ADAPTER_PORTS.api,
} as const;

function source(command: "operator" | "adapter"): GoSource {
  return {
    module: MODULE,
    version: `v${VERSIONS.keda}`,
    package: `${MODULE}/cmd/${command}`,
    replace: REPLACE,
    variables: { [`${MODULE}/version.Version`]: VERSIONS.keda },
  };
}

function certificates(site: Site): string {
  return site.path("keda-certificates");
}

/**
 * Operator and adapter know each other by one certificate, under the names that a Secret gives them. Laid once, for both: a
 * copy is empty for a moment, and who reads it then gives up.
 */
function layCertificates(site: Site): void {
  const folder = certificates(site);
  mkdirSync(folder, { recursive: true });
  const files = { "ca.crt": "ca.crt", "peer.crt": "tls.crt", "peer.key": "tls.key" };
  for (const [from, to] of Object.entries(files)) copyFileSync(site.path(`pki/${from}`), `${folder}/${to}`);
}
