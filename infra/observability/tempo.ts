import * as pulumi from "@pulumi/pulumi";
import { CHARTS } from "../../constructs/versions";
import { HelmAddon } from "../addons/helm-addon";
import { resources, RESTRICTED_CONTAINER } from "../addons/values";
import type { StoreArgs } from "./loki";
import { NAMES, NAMESPACE, URLS } from "./names";

const HOURS_PER_DAY = 24;

const VOLUME = "10Gi";

/** User of its image. */
const USER = 10_001;

/** Tempo in one piece: traces in S3, and from them how often services call each other, and how long it takes. */
export class Tempo extends HelmAddon {
  constructor(name: string, args: StoreArgs, opts: pulumi.ComponentResourceOptions) {
    const identity = { ...args.identity, serviceAccount: NAMES.tempo };
    const { within } = args;
    super(name, { chart: CHARTS.tempo, namespace: NAMESPACE, within, identity, values: valuesOf(args) }, opts);
  }
}

function valuesOf({ bucket, region, days, storageClass }: StoreArgs): pulumi.Inputs {
  return {
    fullnameOverride: NAMES.tempo,
    serviceAccount: { create: true, name: NAMES.tempo },
    persistence: { enabled: true, size: VOLUME, storageClassName: storageClass },
    securityContext: {
      runAsUser: USER,
      runAsGroup: USER,
      fsGroup: USER,
      runAsNonRoot: true,
      seccompProfile: RESTRICTED_CONTAINER.seccompProfile,
    },
    serviceMonitor: { enabled: true },
    tempo: {
      reportingEnabled: false,
      retention: `${days * HOURS_PER_DAY}h`,
      resources: resources("250m", "512Mi", "2Gi"),
      securityContext: RESTRICTED_CONTAINER,
      storage: {
        trace: {
          backend: "s3",
          s3: { bucket, region, endpoint: `s3.${region}.amazonaws.com` },
          wal: { path: "/var/tempo/wal" },
        },
      },
      metricsGenerator: {
        enabled: true,
        remoteWriteUrl: `${URLS.prometheus}/api/v1/write`,
        storage: { path: "/var/tempo/generator" },
        traces_storage: { path: "/var/tempo/generator-traces" },
      },
      overrides: { defaults: { metrics_generator: { processors: ["service-graphs", "span-metrics"] } } },
    },
  };
}
