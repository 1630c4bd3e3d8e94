import * as pulumi from "@pulumi/pulumi";
import { CHARTS } from "../../constructs/versions";
import type { Statement } from "../cluster/policy";
import type { ClusterIdentity } from "../cluster/pod-identity";
import { HelmAddon } from "./helm-addon";
import { resources } from "./values";

export interface EfsCsiArgs {
  readonly partition: string;
  readonly cluster: ClusterIdentity;
  readonly account: string;
  readonly region: string;
  /** ARN of the one file system that it makes access points on. */
  readonly fileSystemArn: pulumi.Input<string>;
}

const SERVICE_ACCOUNT = "efs-csi-controller-sa";

/** Tag of the access points that it makes. */
const OWN = "efs.csi.aws.com/cluster";

/** The EFS driver: a folder on the file system of shared volumes for each claim, mounted on the nodes. */
export class EfsCsi extends HelmAddon {
  constructor(name: string, args: EfsCsiArgs, opts: pulumi.ComponentResourceOptions) {
    const policies = { "access-points": statements(args) };
    const identity = { cluster: args.cluster, serviceAccount: SERVICE_ACCOUNT, policies };
    super(
      name,
      // It mounts on the host.
      { chart: CHARTS.efsCsi, namespace: "efs-csi", podSecurity: "privileged", identity, values: VALUES },
      opts,
    );
  }
}

const VALUES = {
  controller: {
    replicaCount: 2,
    podDisruptionBudget: { enabled: true },
    serviceAccount: { create: true, name: SERVICE_ACCOUNT },
    // What a deleted claim leaves is for people to delete.
    deleteAccessPointRootDir: false,
    resources: resources("50m", "128Mi", "256Mi"),
  },
  node: { resources: resources("50m", "128Mi", "512Mi"), volMetricsOptIn: true },
};

/** After the driver's `docs/iam-policy-example.json` (v3.4.1), narrowed to the one file system; without S3 Files. */
function statements({ partition, account, region, fileSystemArn }: EfsCsiArgs): Statement[] {
  const accessPoints = `arn:${partition}:elasticfilesystem:${region}:${account}:access-point/*`;
  return [
    {
      Sid: "AllowReading",
      Action: [
        "elasticfilesystem:DescribeAccessPoints",
        "elasticfilesystem:DescribeFileSystems",
        "elasticfilesystem:DescribeMountTargets",
      ],
      Resource: [fileSystemArn, accessPoints],
    },
    {
      Sid: "AllowReadingZones",
      Action: ["ec2:DescribeAvailabilityZones"],
      Resource: "*",
      onAnything: "Descriptions of zones know no resources; nothing can be changed by them.",
    },
    {
      Sid: "AllowMaking",
      Action: ["elasticfilesystem:CreateAccessPoint"],
      Resource: fileSystemArn,
      Condition: { StringEquals: { [`aws:RequestTag/${OWN}`]: "true" } },
    },
    {
      Sid: "AllowTaggingMade",
      Action: ["elasticfilesystem:TagResource"],
      Resource: [fileSystemArn, accessPoints],
      Condition: { StringEquals: { [`aws:RequestTag/${OWN}`]: "true" } },
    },
    {
      Sid: "AllowDeletingOwn",
      Action: ["elasticfilesystem:DeleteAccessPoint"],
      Resource: accessPoints,
      Condition: { StringEquals: { [`aws:ResourceTag/${OWN}`]: "true" } },
    },
  ];
}
