import { CHARTS } from "../../constructs/versions";

/** Versions of the programs that tests run, and of nothing that ships: those stand in constructs/versions.ts. */
export const VERSIONS = {
  etcd: "3.6.5",
  kubernetes: "1.36.3",
  kwok: "0.8.0",
  kro: "0.9.4",
  /** What CHARTS.prometheus brings. */
  alertmanager: "0.34.0",
  actionlint: "1.7.12",
  /** What is proven of scaling is proven of the KEDA that a stack installs. */
  keda: CHARTS.keda.version,
} as const;

/** Oldest Go that builds all of them. */
export const GO_VERSION = "1.26.0";
