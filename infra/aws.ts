/** The AWS half: what there has to be before a manifest can be applied, from the bottom to the top. */
import * as aws from "@pulumi/aws";
import * as eks from "@pulumi/eks";
import * as pulumi from "@pulumi/pulumi";
import type { AwsTarget, Settings, Stack } from "../constructs/settings";
import type { AckRdsArgs } from "./addons/ack-rds";
import { Addons } from "./addons/addons";
import { Cluster } from "./cluster/cluster";
import { Key } from "./cluster/key";
import { SystemNodes } from "./cluster/system-nodes";
import type { Rotation } from "./config";
import { Filestore } from "./data/filestore";
import { ObjectStorage } from "./data/object-storage";
import type { OffsiteTargetArgs } from "./data/offsite-target";
import { SharedDatabase } from "./data/shared-database";
import { StorageClasses } from "./data/storage-classes";
import { ArgoCd } from "./delivery/argo-cd";
import type { Amount } from "./karpenter/buffer-capacity";
import { Karpenter } from "./karpenter/karpenter";
import { DnsZones } from "./network/dns-zone";
import { Endpoints } from "./network/endpoints";
import { FlowLogs } from "./network/flow-logs";
import { FrontDoor } from "./network/front-door";
import { Network } from "./network/network";
import { AlertChannels, alertReach } from "./observability/alert-channels";
import { Observability } from "./observability/observability";
import { stackTags } from "./tags";

/** The cluster, and what it stands on. */
export interface Foundation {
  readonly providers: readonly pulumi.ProviderResource[];
  readonly clusterName: string;
  readonly partition: string;
  readonly key: Key;
  readonly network: Network;
  readonly cluster: Cluster;
  readonly systemNodes: SystemNodes;
}

/** A cluster with nothing in it but what every cluster needs. */
export function createFoundation(stack: Stack, settings: AwsTarget): Foundation {
  const { account, region, network: networkSettings } = settings;
  const clusterName = `loomworks-${stack}`;
  const partition = partitionOf(region);
  const { protect } = settings.cluster;
  const defaultTags = { tags: stackTags() };
  const provider = new aws.Provider("aws", { region, allowedAccountIds: [account], defaultTags });
  const providers = [provider, new eks.Provider("eks")];
  const base = { partition, account, region, clusterName, protect };

  const key = new Key("key", base, { providers });
  const network = new Network("network", { ...base, settings: networkSettings }, { providers });
  const endpoints = new Endpoints(
    "endpoints",
    { region, network, interfaces: networkSettings.interfaceEndpoints },
    { providers },
  );
  if (networkSettings.flowLogDays > 0) {
    const logs = { ...base, vpcId: network.vpcId, keyArn: key.arn, days: networkSettings.flowLogDays };
    new FlowLogs("flow-logs", logs, { providers });
  }
  const cluster = new Cluster(
    "eks",
    {
      ...base,
      name: clusterName,
      vpcId: network.vpcId,
      subnetIds: network.intraSubnetIds,
      keyArn: key.arn,
      settings: settings.cluster,
    },
    // Routes, NAT and endpoints too: what runs in the cluster needs them to its very end, when it takes load balancers down.
    { providers, dependsOn: [network, endpoints] },
  );
  const nodes = { partition, cluster: cluster.identity, subnetIds: network.privateSubnetIds };
  const systemNodes = new SystemNodes(
    "system",
    { ...nodes, settings: settings.cluster.systemNodes },
    { providers, dependsOn: [cluster] },
  );
  return { providers, clusterName, partition, key, network, cluster, systemNodes };
}

export interface ServicesArgs {
  readonly settings: Settings & { readonly aws: AwsTarget };
  readonly rotation: Rotation;
  /** What one clone asks for. */
  readonly clone: Amount;
  /** Where alerts go. */
  readonly alerts: AlertChannels;
}

/** What the manifests need of AWS and of the cluster. */
export interface Services {
  /** What has to be ready before the first manifest, and stays until the last is gone. */
  readonly ready: readonly pulumi.Resource[];
  readonly database: SharedDatabase;
  /** Where installations copy their backups to. */
  readonly offsite: Omit<OffsiteTargetArgs, "namespace">;
  /** Of the add-ons that come after the clones' namespaces. */
  readonly cloneAddons: AckRdsArgs;
  readonly argoCd?: ArgoCd;
  /** For the stack's outputs. */
  readonly outputs: Readonly<Record<string, pulumi.Input<unknown>>>;
}

/** Nodes, data, add-ons and watch over them. */
export function createServices(
  foundation: Foundation,
  { settings, rotation, clone, alerts }: ServicesArgs,
  providers: pulumi.ProviderResource[],
): Services {
  const { partition, clusterName, network, cluster, systemNodes } = foundation;
  const { account, region, domain, data, observability, delivery, pages } = settings.aws;
  const { securityGroupId, identity } = cluster;
  const base = { partition, account, region, clusterName, cluster: identity };

  const karpenter = new Karpenter(
    "nodes",
    { ...base, securityGroupId, settings: settings.aws.karpenter, clone },
    { providers, dependsOn: [systemNodes] },
  );
  const { database, files, storage } = createData(foundation, settings.aws, providers);

  const domains = [domain, settings.loomworks.domain, settings.clones.domain];
  const dns = new DnsZones("dns", { domains, protect: data.protect }, { providers });
  const frontDoor = new FrontDoor(
    "front-door",
    {
      vpcId: network.vpcId,
      subnetIds: [...network.publicSubnetIds],
      clusterSecurityGroupId: securityGroupId,
      zones: dns.zones as FrontDoorZones,
      protect: settings.aws.cluster.protect,
    },
    { providers },
  );

  const after = { providers, dependsOn: [...karpenter.ready] };
  const addons = new Addons(
    "addons",
    {
      partition,
      cluster: identity,
      account,
      region,
      vpcId: network.vpcId,
      vpcNetwork: network.cidr,
      frontDoor,
      zones: dns.zones,
      contact: `hostmaster@${domain}`,
      loomworks: settings.loomworks,
      clones: settings.clones,
      fileSystemArn: files.arn,
    },
    after,
  );
  const storageClass = settings.loomworks.storageClass;
  const classes = new StorageClasses(
    "storage-classes",
    { block: storageClass, shared: settings.loomworks.sharedStorageClass, fileSystemId: files.id },
    // Mount targets and their rules too: a pod whose files don't answer any more never ends.
    { providers, dependsOn: [files, ...addons.ready] },
  );
  const above = { providers, dependsOn: [classes, storage, ...addons.ready] };
  const watch = new Observability(
    "observability",
    {
      cluster: identity,
      region,
      storage,
      rotation,
      grafana: { host: `grafana.${domain}`, admitted: pages.publicAccess },
      ...observability,
      storageClass,
      alerts,
    },
    above,
  );
  const argoCd =
    delivery.by === "argocd"
      ? new ArgoCd("argocd", { host: `argocd.${domain}`, admitted: pages.publicAccess }, above)
      : undefined;
  return {
    // Whole components: what lets anybody reach a database is as much of it as the database.
    ready: [...karpenter.ready, ...addons.ready, classes, database, storage, ...watch.releases],
    database,
    offsite: { cluster: identity, region, storage },
    cloneAddons: { partition, cluster: identity, account, region, subnetGroup: database.subnetGroup },
    ...(argoCd && { argoCd }),
    outputs: {
      clusterName,
      nameServers: dns.nameServers,
      // Worked out by infra/karpenter/buffer-capacity.ts.
      buffer: karpenter.capacity,
      alerts: alertReach(alerts),
    },
  };
}

type FrontDoorZones = ConstructorParameters<typeof FrontDoor>[1]["zones"];

function createData(
  { clusterName, key, network, cluster }: Foundation,
  settings: AwsTarget,
  providers: pulumi.ProviderResource[],
) {
  const { data, observability, network: networkSettings } = settings;
  const { protect } = data;
  const place = { vpcId: network.vpcId, clusterSecurityGroupId: cluster.securityGroupId, protect };
  const intra = networkSettings.zones.map((letter, index) => [letter, network.intraSubnetIds[index] ?? ""] as const);
  const database = new SharedDatabase(
    "shared-database",
    {
      ...place,
      identifier: `${clusterName}-clones`,
      logKeyArn: key.arn,
      subnetIds: [...network.intraSubnetIds],
      instanceClass: data.databaseClass,
      storageGiB: data.databaseGiB,
      maxStorageGiB: data.databaseMaxGiB,
      multiAz: data.databaseMultiAz,
      backupDays: data.databaseBackupDays,
    },
    { providers },
  );
  const files = new Filestore("filestore", { ...place, subnetIds: Object.fromEntries(intra) }, { providers });
  const { backupDays, backupLockDays, backupLockMode } = data;
  const { logDays, traceDays } = observability;
  const storage = new ObjectStorage(
    "storage",
    { backupDays, backupLockDays, backupLockMode, logDays, traceDays, protect },
    { providers },
  );
  return { database, files, storage };
}

/** AWS' own name for the part of the world that a region is in. */
function partitionOf(region: string): string {
  if (region.startsWith("cn-")) return "aws-cn";
  return region.startsWith("us-gov-") ? "aws-us-gov" : "aws";
}
