import { CHARTS } from "../../constructs/versions";

/** Versions of the programs that tests run, and of nothing that ships: those stand in constructs/versions.ts. */
export const VERSIONS = {
  etcd: "3.6.5",
  kubernetes: "1.36.3",
  kwok: "0.8.0",
  kro: "0.9.4",
  /** What CHARTS.prometheus brings. */
  alertmanager: "0.34.0",
  /** What CHARTS.traefik brings. */
  traefik: "3.7.11",
  actionlint: "1.7.12",
  /** Of a real node: Debian's containerd is too old for this kubelet. */
  containerd: "2.4.2",
  runc: "1.3.4",
  coredns: "1.15.0",
  metricsServer: "0.9.0",
  /** What is proven of scaling is proven of the KEDA that a stack installs. */
  keda: CHARTS.keda.version,
} as const;

/** Oldest Go that builds all of them. */
export const GO_VERSION = "1.26.0";
