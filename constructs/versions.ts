/** Every version that the platform pins. Nothing else in the repository names one. */

/** Where the CustomResourceDefinitions of one project come from. */
export interface CrdSource {
  /** Go module that carries them, whole and signed for by the checksum database. */
  readonly module: string;
  readonly version: string;
  /** Files within the module; `*` stands for any part of one file's name. */
  readonly files: readonly string[];
  /** The CRDs in use, as `<plural>.<group>`; whatever else the files hold is left out. */
  readonly crds: readonly string[];
  /** Whether constructs make objects of them, and need their typed API; the program writes its own as plain objects. @default true */
  readonly typed?: boolean;
}

/** The CRDs that constructs and the program use: `npm run imports` reads this table. One more project is one more entry. */
export const CRDS = {
  prometheusOperator: {
    module: "github.com/prometheus-operator/prometheus-operator",
    version: "v0.94.1",
    files: ["example/prometheus-operator-crd/monitoring.coreos.com_*.yaml"],
    crds: [
      "podmonitors.monitoring.coreos.com",
      "prometheusrules.monitoring.coreos.com",
      "servicemonitors.monitoring.coreos.com",
    ],
  },
  certManager: {
    module: "github.com/cert-manager/cert-manager",
    version: "v1.21.2",
    files: ["deploy/crds/cert-manager.io_*.yaml"],
    crds: ["certificates.cert-manager.io", "clusterissuers.cert-manager.io", "issuers.cert-manager.io"],
  },
  traefik: {
    module: "github.com/traefik/traefik/v3",
    version: "v3.7.13",
    files: ["docs/content/reference/dynamic-configuration/traefik.io_*.yaml"],
    crds: [
      "ingressroutes.traefik.io",
      "middlewares.traefik.io",
      "serverstransports.traefik.io",
      "tlsoptions.traefik.io",
    ],
  },
  kro: {
    module: "github.com/kubernetes-sigs/kro",
    version: "v0.9.4",
    files: ["helm/crds/kro.run_*.yaml"],
    crds: ["resourcegraphdefinitions.kro.run"],
  },
  keda: {
    module: "github.com/kedacore/keda/v2",
    version: "v2.20.2",
    files: ["config/crd/bases/keda.sh_*.yaml"],
    crds: ["scaledobjects.keda.sh", "triggerauthentications.keda.sh"],
  },
  /** The provider's copy of all its kinds: it knows the labels of EC2 too. The chart of kinds has the same files. */
  karpenter: {
    module: "github.com/aws/karpenter-provider-aws",
    version: "v1.14.1",
    files: ["pkg/apis/crds/*.yaml"],
    crds: ["capacitybuffers.autoscaling.x-k8s.io", "ec2nodeclasses.karpenter.k8s.aws", "nodepools.karpenter.sh"],
    typed: false,
  },
  /** The release that the pinned chart runs (its appVersion). */
  argoCd: {
    module: "github.com/argoproj/argo-cd/v3",
    version: "v3.4.4",
    files: ["manifests/crds/*-crd.yaml"],
    crds: ["applications.argoproj.io", "appprojects.argoproj.io"],
    typed: false,
  },
} as const satisfies Record<string, CrdSource>;

/** A chart that the program installs. */
export interface ChartVersion {
  /** OCI address, or name within `repository`. */
  readonly chart: string;
  readonly repository?: string;
  readonly version: string;
}

/** The add-ons' charts. */
export const CHARTS = {
  /** Of the version whose CRDs are imported, and that the test cluster runs. */
  kro: { chart: "oci://registry.k8s.io/kro/charts/kro", version: "0.9.4" },
  karpenterCrds: { chart: "oci://public.ecr.aws/karpenter/karpenter-crd", version: "1.14.1" },
  karpenter: { chart: "oci://public.ecr.aws/karpenter/karpenter", version: "1.14.1" },
  loadBalancerController: {
    chart: "aws-load-balancer-controller",
    repository: "https://aws.github.io/eks-charts",
    version: "3.5.0",
  },
  traefik: { chart: "oci://ghcr.io/traefik/helm/traefik", version: "41.3.0" },
  /** Of the version whose CRDs are imported. */
  certManager: { chart: "oci://quay.io/jetstack/charts/cert-manager", version: "v1.21.2" },
  keda: { chart: "keda", repository: "https://kedacore.github.io/charts", version: "2.20.2" },
  ackRds: { chart: "oci://public.ecr.aws/aws-controllers-k8s/rds-chart", version: "1.11.1" },
  metricsServer: {
    chart: "metrics-server",
    repository: "https://kubernetes-sigs.github.io/metrics-server",
    version: "3.13.1",
  },
  efsCsi: {
    chart: "aws-efs-csi-driver",
    repository: "https://kubernetes-sigs.github.io/aws-efs-csi-driver",
    version: "4.4.1",
  },
  reloader: { chart: "oci://ghcr.io/stakater/charts/reloader", version: "2.2.16" },
  /** Apart from the stack below, whose own would be left as they are when it is upgraded; both of operator v0.93.1. */
  prometheusCrds: {
    chart: "oci://ghcr.io/prometheus-community/charts/prometheus-operator-crds",
    version: "31.0.1",
  },
  prometheus: { chart: "oci://ghcr.io/prometheus-community/charts/kube-prometheus-stack", version: "88.5.3" },
  loki: { chart: "oci://ghcr.io/grafana-community/helm-charts/loki", version: "18.11.0" },
  tempo: { chart: "oci://ghcr.io/grafana-community/helm-charts/tempo", version: "2.2.4" },
  collector: {
    chart: "oci://ghcr.io/open-telemetry/opentelemetry-helm-charts/opentelemetry-collector",
    version: "0.170.0",
  },
  argoCd: { chart: "oci://ghcr.io/argoproj/argo-helm/argo-cd", version: "10.1.1" },
} as const satisfies Record<string, ChartVersion>;

/** Images that a chart wants named; all others are those that the pinned charts bring. */
export const CHART_IMAGES = {
  /** The collector's build for Kubernetes: filelog, k8s_attributes, OTLP, and little else. */
  collector: "ghcr.io/open-telemetry/opentelemetry-collector-releases/opentelemetry-collector-k8s",
} as const;

/** The Kubernetes that every stack runs. */
export const KUBERNETES = {
  /** Minor version of the EKS cluster. */
  minor: "1.35",
  /** Go module and release whose published OpenAPI dist is held against; of the same minor. */
  schemas: { module: "k8s.io/kubernetes", version: "v1.35.4" },
} as const;

/**
 * The add-ons that EKS manages. AWS publishes no list of builds; only `aws eks describe-addon-versions` knows, and the first deployment
 * asks it (docs/operations.md). Looked up on 2026-11-21: public Terraform of 1.35 clusters pins each of them, and one pins these six
 * together; all but snapshot-controller's build are in others too.
 */
export const EKS_ADDONS = {
  "vpc-cni": "v1.23.0-eksbuild.1",
  "kube-proxy": "v1.35.3-eksbuild.21",
  "eks-pod-identity-agent": "v1.4.0-eksbuild.2",
  coredns: "v1.14.3-eksbuild.16",
  "aws-ebs-csi-driver": "v1.65.0-eksbuild.1",
  "snapshot-controller": "v8.6.0-eksbuild.6",
} as const;

/**
 * Amazon Linux 2023 for EKS: one release of its AMIs, for the nodes of EKS' own group and for Karpenter's. Source: CHANGELOG.md of
 * awslabs/amazon-eks-ami, v20260714, looked up on 2026-11-21.
 */
export const NODE_IMAGE = { amiAlias: "al2023@v20260714", releaseVersion: "1.35.6-20260714" } as const;

/** Container images, by what they are used for. A tag that names its release; a digest may follow it. */
export const IMAGES = {
  /** Does nothing: what keeps a node warm runs it. */
  pause: "registry.k8s.io/pause:3.10.1",
  /** Debian variant: it carries bash, zstd and every PostgreSQL tool that backup and drill call. */
  postgres: "docker.io/library/postgres:17.9-bookworm",
  postgresExporter: "quay.io/prometheuscommunity/postgres-exporter:v0.18.1",
  /** Of which backups' metrics need the textfile collector alone. */
  nodeExporter: "quay.io/prometheus/node-exporter:v1.9.1",
  /** Its S3 client knows EKS Pod Identity, which that of Debian's (1.60) doesn't. */
  rclone: "docker.io/rclone/rclone:1.76.0",
  odoo: "docker.io/library/odoo:19.0-20260118",
  /** Long-term support; 8.0, which the documents name, had its last release. Beside WordPress in a clone's pod. */
  mysql: "docker.io/library/mysql:8.4.7",
  /** Of the Debian variant: it carries a shell and sha256sum, which the start of the pod needs. */
  redis: "docker.io/library/redis:8.4.0-bookworm",
  redisExporter: "docker.io/oliver006/redis_exporter:v1.80.1",
  /** Base of our own image of the clone service (clones/image); the long-term release after the one that tests run on. */
  node: "docker.io/library/node:22.22.0-bookworm-slim",
  /** Built by this project: the registry that it was pushed to stands before it, and is a setting. */
  wordpressClone: "wordpress-clone:0.1.0",
  cloneService: "clone-service:0.1.0",
} as const;

/** What the image of a clone is built of (clones/image/wordpress). */
export const WORDPRESS = {
  /** Official images, by the word after `--wordpress`. Of a minor release: it gets security fixes under its name. */
  images: {
    current: "docker.io/library/wordpress:7.1-php8.3-apache",
    /** The documents'. */
    "6.4": "docker.io/library/wordpress:6.4-apache",
  },
  /** npm package whose SQLite plugin the image takes, and its SHA-512. */
  files: {
    package: "wp-studio@1.22.0",
    sha512: "boMtahkhgWDKKyNTBA1uTK5ghnAmxXhDY6KeQCO9FmcI3/o+YOSq8JwYW5ZYnxHCxH14Jf/mD6CJTBvTWl2Ytw==",
  },
} as const;

/** Engine of the databases that RDS runs: the minor version is AWS' to raise. */
export const RDS = { engine: "mysql", engineVersion: "8.4" } as const;
