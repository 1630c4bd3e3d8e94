import { httpAnswers } from "../probe";
import { VERSIONS } from "../versions";
import type { Program } from "./program";

const MODULE = "sigs.k8s.io/metrics-server";

/** What pods and the real node use, as an API. */
export const metricsServer: Program = {
  name: "metrics-server",
  version: VERSIONS.metricsServer,
  minutes: 2,
  source: { module: MODULE, version: `v${VERSIONS.metricsServer}`, package: `${MODULE}/cmd/metrics-server` },
  run: {
    ports: ["metrics-server"],
    groups: ["system:masters"],
    args: (site) => [
      ...["kubeconfig", "authentication-kubeconfig", "authorization-kubeconfig"].map(
        (flag) => `--${flag}=${site.kubeconfig("metrics-server")}`,
      ),
      "--bind-address=127.0.0.1",
      `--secure-port=${site.port("metrics-server")}`,
      `--cert-dir=${site.path("metrics-server")}`,
      "--kubelet-preferred-address-types=InternalIP",
      "--kubelet-insecure-tls",
      // The shortest that it takes: an autoscaler's test waits for it.
      "--metric-resolution=10s",
      "--kubelet-request-timeout=5s",
    ],
    ready: (site) => httpAnswers(`https://127.0.0.1:${site.port("metrics-server")}/livez`),
  },
};

export const RESOURCE_METRICS = {
  groupVersion: "metrics.k8s.io/v1beta1",
  service: "metrics-server",
  port: "metrics-server",
} as const;
