import * as aws from "@pulumi/aws";
import * as k8s from "@pulumi/kubernetes";
import * as random from "@pulumi/random";
import { Addons, AddonsArgs } from "../../infra/addons/addons";
import { CloneAddons } from "../../infra/addons/clone-addons";
import { ObjectStorage, ObjectStorageArgs } from "../../infra/data/object-storage";
import { Applications } from "../../infra/delivery/applications";
import { ArgoCd } from "../../infra/delivery/argo-cd";
import { Observability, ObservabilityArgs } from "../../infra/observability/observability";
import { Planned, planned } from "./planned";

export const CLUSTER = {
  name: "loomworks-staging",
  arn: "arn:aws:eks:eu-central-1:111122223333:cluster/loomworks-staging",
};

type Overrides = Partial<AddonsArgs & Omit<ObservabilityArgs, "storage">>;

/** Everything that stands between the cluster and the manifests, as a stack would have it. */
export function plannedAddons(overrides: Overrides = {}): Promise<Planned> {
  return planned(() => {
    const providers = [
      new aws.Provider("aws", {}),
      new k8s.Provider("kubernetes", {}),
      new random.Provider("random", {}),
    ];
    const zones = ["loomworks.app", "clones.betaweb.ai"].map(
      (domain) => new aws.route53.Zone(domain, {}, { provider: providers[0] }),
    );
    const addons = new Addons("addons", { ...addonsArgs(zones), ...overrides }, { providers });
    const databases = {
      partition: "aws",
      cluster: CLUSTER,
      account: "111122223333",
      region: "eu-central-1",
      subnetGroup: "databases",
    };
    new CloneAddons("clone-addons", databases, { providers, dependsOn: [...addons.ready] });
    const storageArgs: ObjectStorageArgs = {
      backupDays: 30,
      backupLockDays: 0,
      backupLockMode: "governance",
      logDays: 30,
      traceDays: 14,
      protect: false,
    };
    const storage = new ObjectStorage("storage", storageArgs, { providers });
    const after = { providers, dependsOn: [addons.monitoringKinds] };
    new Observability("observability", { ...OBSERVABILITY, storage, ...overrides }, after);
    const argoCd = new ArgoCd(
      "argocd",
      { host: "argocd.platform.example.com", admitted: OBSERVABILITY.grafana.admitted, ...overrides.grafana },
      after,
    );
    const repository = "https://github.com/acme/loomworks-platform";
    const delivered = { stack: "staging", namespace: "loomworks", repository, revision: "main" } as const;
    new Applications("applications", delivered, { providers, dependsOn: [argoCd.nodes.release] });
  });
}

function addonsArgs(zones: readonly aws.route53.Zone[]): AddonsArgs {
  return {
    partition: "aws",
    cluster: CLUSTER,
    account: "111122223333",
    region: "eu-central-1",
    vpcId: "vpc-1",
    vpcNetwork: "10.0.0.0/16",
    frontDoor: {
      hostname: "alb.example.com",
      targetGroupArn: "arn:aws:elasticloadbalancing:eu-central-1:111122223333:targetgroup/traefik/1",
    },
    zones: ["loomworks.app", "clones.betaweb.ai"].map((domain, index) => ({ domain, zoneId: zones[index]!.id })),
    contact: "hostmaster@platform.example.com",
    loomworks: { clusterIssuer: "letsencrypt" },
    clones: {
      domain: "clones.betaweb.ai",
      routing: "host",
      service: {
        clusterIssuer: "letsencrypt",
        tracingEndpoint: "http://otel-collector.observability.svc.cluster.local:4318",
      },
    },
    fileSystemArn: "arn:aws:elasticfilesystem:eu-central-1:111122223333:file-system/fs-1",
  };
}

const OBSERVABILITY: Omit<ObservabilityArgs, "storage"> = {
  cluster: CLUSTER,
  region: "eu-central-1",
  rotation: {},
  grafana: { host: "grafana.platform.example.com", admitted: ["203.0.113.0/24"] },
  metricDays: 15,
  logDays: 30,
  traceDays: 14,
  metricsVolume: "50Gi",
  replicas: 2,
  storageClass: "gp3",
  alerts: { webhook: "all", secrets: {} },
};
