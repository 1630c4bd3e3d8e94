import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { CHARTS } from "../../constructs/versions";
import { AddonIdentity, HelmAddon } from "../addons/helm-addon";
import { resources } from "../addons/values";
import { NAMES, NAMESPACE } from "./names";

export interface StoreArgs {
  readonly within: k8s.core.v1.Namespace;
  readonly region: string;
  /** Where it keeps what it has, and by which rights. */
  readonly bucket: pulumi.Input<string>;
  readonly identity: Omit<AddonIdentity, "serviceAccount">;
  /** Days for which it is kept. */
  readonly days: number;
  /** StorageClass of the volume with what hasn't reached the bucket yet. */
  readonly storageClass: string;
}

const HOURS_PER_DAY = 24;

/** First day of the schema. A later schema is one more entry, with a day in the future: what was written stays readable. */
const SCHEMA_FROM = "2025-01-01";

const VOLUME = "10Gi";

/** Loki in one piece: tens of GB of logs a day, kept in S3. Several tenants it doesn't know: who sees Grafana sees all. */
export class Loki extends HelmAddon {
  constructor(name: string, args: StoreArgs, opts: pulumi.ComponentResourceOptions) {
    const identity = { ...args.identity, serviceAccount: NAMES.loki };
    const { within } = args;
    super(name, { chart: CHARTS.loki, namespace: NAMESPACE, within, identity, values: valuesOf(args) }, opts);
  }
}

function valuesOf(args: StoreArgs): pulumi.Inputs {
  const none = { replicas: 0 };
  return {
    fullnameOverride: NAMES.loki,
    deploymentMode: "Monolithic",
    loki: configOf(args),
    serviceAccount: { create: true, name: NAMES.loki },
    singleBinary: {
      replicas: 1,
      persistence: { enabled: true, size: VOLUME, storageClass: args.storageClass, whenDeleted: "Retain" },
      // The chart's sidecar loads rules from ConfigMaps: we have none.
      sidecar: false,
      resources: resources("250m", "512Mi", "2Gi"),
    },
    sidecar: { rules: { enabled: false } },
    read: none,
    write: none,
    backend: none,
    gateway: { enabled: false },
    chunksCache: { enabled: false },
    resultsCache: { enabled: false },
    lokiCanary: { enabled: false },
    test: { enabled: false },
    ruler: { enabled: false },
    monitoring: { serviceMonitor: { enabled: true } },
  };
}

function configOf({ bucket, region, days }: StoreArgs): pulumi.Inputs {
  const index = { prefix: "index_", period: "24h" };
  return {
    auth_enabled: false,
    commonConfig: { replication_factor: 1 },
    storage: {
      type: "s3",
      bucketNames: { chunks: bucket, ruler: bucket, admin: bucket },
      s3: { region },
    },
    schemaConfig: {
      configs: [{ from: SCHEMA_FROM, store: "tsdb", object_store: "s3", schema: "v13", index }],
    },
    compactor: { retention_enabled: true, delete_request_store: "s3" },
    limits_config: {
      retention_period: `${days * HOURS_PER_DAY}h`,
      // Where trace_id and job_id of a line are kept.
      allow_structured_metadata: true,
      volume_enabled: true,
    },
    analytics: { reporting_enabled: false },
  };
}
