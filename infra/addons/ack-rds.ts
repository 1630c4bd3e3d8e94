import * as pulumi from "@pulumi/pulumi";
import { CLONE_NAMESPACES } from "../../constructs/contract";
import { CHARTS, RDS } from "../../constructs/versions";
import type { Statement } from "../cluster/policy";
import type { ClusterIdentity } from "../cluster/pod-identity";
import { HelmAddon } from "./helm-addon";
import { resources, RESTRICTED_CONTAINER } from "./values";

export interface AckRdsArgs {
  readonly partition: string;
  readonly cluster: ClusterIdentity;
  readonly account: string;
  readonly region: string;
  /** Subnet group in which clones' databases are made; no other may be used. */
  readonly subnetGroup: pulumi.Input<string>;
}

const SERVICE_ACCOUNT = "ack-rds-controller";

/** Databases that it works on at once; its own 1 would have a burst of clones wait for one another. */
const AT_ONCE = 10;

/** How the clones' databases are named (`clones/templates/wordpress-clone/database.ts`): no other is touched. */
const CLONE_DATABASES = "clone-*";

/** ACK's controller of RDS: makes the dedicated databases of clones in production, and deletes them (KRO-07). */
export class AckRds extends HelmAddon {
  constructor(name: string, args: AckRdsArgs, opts: pulumi.ComponentResourceOptions) {
    const { cluster, region } = args;
    const identity = { cluster, serviceAccount: SERVICE_ACCOUNT, policies: { databases: statements(args) } };
    super(name, { chart: CHARTS.ackRds, namespace: "ack-system", identity, values: valuesOf(region) }, opts);
  }
}

function valuesOf(region: string): pulumi.Inputs {
  return {
    aws: { region },
    serviceAccount: { create: true, name: SERVICE_ACCOUNT },
    installScope: "namespace",
    watchNamespace: CLONE_NAMESPACES.production,
    deployment: { replicas: 2 },
    leaderElection: { enabled: true },
    reconcile: {
      resources: ["DBInstance"],
      resourceMaxConcurrentSyncs: { DBInstance: AT_ONCE },
    },
    // Other accounts, and other namespaces' Secrets, are nothing to it.
    enableCARM: false,
    enableCrossNamespace: false,
    resources: resources("50m", "128Mi", "512Mi"),
    metrics: { service: { create: true } },
    podSecurityContext: { seccompProfile: RESTRICTED_CONTAINER.seccompProfile },
  };
}

/** What its reconciler of DBInstances calls (pkg/resource/db_instance of v1.11.1), less replicas and restores, which no clone has. */
function statements({ partition, account, region, subnetGroup }: AckRdsArgs): Statement[] {
  const arn = `arn:${partition}:rds:${region}:${account}`;
  const databases = `${arn}:db:${CLONE_DATABASES}`;
  const groups = [
    pulumi.interpolate`${arn}:subgrp:${subnetGroup}`,
    `${arn}:pg:default.${RDS.engine}${RDS.engineVersion}`,
    `${arn}:og:default:${RDS.engine}-${RDS.engineVersion.replace(".", "-")}`,
  ];
  return [
    {
      Sid: "AllowMakingEncrypted",
      Action: ["rds:CreateDBInstance"],
      Resource: [databases, ...groups],
      Condition: { Bool: { "rds:StorageEncrypted": "true" } },
    },
    { Sid: "AllowChanging", Action: ["rds:ModifyDBInstance"], Resource: [databases, ...groups] },
    {
      Sid: "AllowDatabases",
      Action: [
        "rds:DescribeDBInstances",
        "rds:DeleteDBInstance",
        "rds:AddTagsToResource",
        "rds:RemoveTagsFromResource",
        "rds:ListTagsForResource",
      ],
      Resource: databases,
    },
  ];
}
