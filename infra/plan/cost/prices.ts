/** The price list: US dollars before tax, of the regions that somebody looked up. docs/cost.md tells how to refresh it. */
import type { SourceName } from "./sources";

export const REGIONS = ["eu-central-1", "us-east-1"] as const;
export type Region = (typeof REGIONS)[number];

/** What a price is for. What has an hour runs all month. */
export type Unit = "hour" | "LCU-hour" | "month" | "GB" | "GB-month" | "million requests" | "10,000 requests";

/** Dollars, and where they are from. */
export type Quote = readonly [usd: number, source: SourceName];

export interface PriceRow {
  readonly unit: Unit;
  /** Code of the offer in AWS' price list. */
  readonly offer: string;
  readonly quotes: Readonly<Record<Region, Quote>>;
}

export const PRICES = {
  "eks.cluster": row("hour", "AmazonEKS", [0.1, "baserow"], [0.1, "infracostEks"]),
  // Beside the price of the cluster: 0.60 together.
  "eks.extended": row("hour", "AmazonEKS", [0.5, "infracostEks"], [0.5, "infracostEks"]),
  "ebs.gp3": row("GB-month", "AmazonEC2", [0.0952, "instance"], [0.08, "infracost"]),
  "nat.gateway": row("hour", "AmazonEC2", [0.052, "network"], [0.045, "infracost"]),
  "nat.data": row("GB", "AmazonEC2", [0.052, "network"], [0.045, "infracost"]),
  "endpoint.interface": row("hour", "AmazonVPC", [0.012, "network"], [0.01, "infracost"]),
  "endpoint.data": row("GB", "AmazonVPC", [0.01, "network"], [0.01, "infracost"]),
  "address.public": row("hour", "AmazonVPC", [0.005, "bill"], [0.005, "natGuide"]),
  "alb.balancer": row("hour", "AWSELB", [0.027, "bill"], [0.0225, "infracost"]),
  "alb.capacity": row("LCU-hour", "AWSELB", [0.008, "guide"], [0.008, "infracost"]),
  "transfer.internet": row("GB", "AWSDataTransfer", [0.09, "infracost"], [0.09, "infracost"]),
  // For each of the two sides.
  "transfer.zones": row("GB", "AmazonEC2", [0.01, "infracost"], [0.01, "infracost"]),
  "dns.zone": row("month", "AmazonRoute53", [0.5, "bill"], [0.5, "infracost"]),
  "kms.key": row("month", "awskms", [1, "bill"], [1, "infracost"]),
  "kms.requests": row("10,000 requests", "awskms", [0.03, "memory"], [0.03, "infracost"]),
  "sqs.requests": row("million requests", "AWSQueueService", [0.4, "memory"], [0.4, "infracost"]),
  "logs.ingestion": row("GB", "AmazonCloudWatch", [0.63, "guide"], [0.5, "infracost"]),
  "logs.storage": row("GB-month", "AmazonCloudWatch", [0.0324, "guide"], [0.03, "infracost"]),
  "rds.gp3": row("GB-month", "AmazonRDS", [0.137, "bill"], [0.115, "rdsGuide"]),
  "rds.backup": row("GB-month", "AmazonRDS", [0.103, "memory"], [0.095, "rdsGuide"]),
  "efs.standard": row("GB-month", "AmazonEFS", [0.36, "hosting"], [0.3, "infracost"]),
  "efs.read": row("GB", "AmazonEFS", [0.04, "hosting"], [0.03, "efsGuide"]),
  "efs.write": row("GB", "AmazonEFS", [0.07, "hosting"], [0.06, "efsGuide"]),
  "efs.backup": row("GB-month", "AWSBackup", [0.06, "memory"], [0.05, "memory"]),
  "s3.standard": row("GB-month", "AmazonS3", [0.0245, "objects"], [0.023, "infracost"]),
  "s3.glacier-ir": row("GB-month", "AmazonS3", [0.005, "memory"], [0.004, "memory"]),
} as const satisfies Record<string, PriceRow>;

export type PriceName = keyof typeof PRICES;

/** By type of instance: on demand, and by spot. */
export const INSTANCES: Readonly<Record<string, Readonly<Record<Region, readonly [onDemand: number, spot: number]>>>> =
  {
    "t2.small": { "eu-central-1": [0.0268, 0.0105], "us-east-1": [0.023, 0.0079] },
    "t3.medium": { "eu-central-1": [0.048, 0.0191], "us-east-1": [0.0416, 0.019] },
    "t3.large": { "eu-central-1": [0.096, 0.0486], "us-east-1": [0.0832, 0.044] },
    "t3.xlarge": { "eu-central-1": [0.192, 0.0938], "us-east-1": [0.1664, 0.0741] },
    "t3.2xlarge": { "eu-central-1": [0.384, 0.1398], "us-east-1": [0.3328, 0.1093] },
    "t3a.xlarge": { "eu-central-1": [0.1728, 0.0789], "us-east-1": [0.1504, 0.0544] },
    "t3a.2xlarge": { "eu-central-1": [0.3456, 0.1335], "us-east-1": [0.3008, 0.1089] },
    "m7i-flex.large": { "eu-central-1": [0.11471, 0.0533], "us-east-1": [0.09576, 0.0369] },
    "m7i-flex.xlarge": { "eu-central-1": [0.22942, 0.1159], "us-east-1": [0.19152, 0.0919] },
    "m7i-flex.2xlarge": { "eu-central-1": [0.45884, 0.2081], "us-east-1": [0.38304, 0.1867] },
    "c7i-flex.xlarge": { "eu-central-1": [0.19352, 0.1105], "us-east-1": [0.16958, 0.0788] },
    "c7i-flex.2xlarge": { "eu-central-1": [0.38703, 0.2038], "us-east-1": [0.33915, 0.1725] },
  };

/** By instance class of RDS for MySQL, in one zone; a standby costs the same again. */
export const DATABASES: Readonly<Record<string, Readonly<Record<Region, Quote>>>> = {
  // The bill is of PostgreSQL, whose price is MySQL's in this class.
  "db.t4g.micro": { "eu-central-1": [0.019, "bill"], "us-east-1": [0.016, "databasesVirginia"] },
  "db.t4g.small": { "eu-central-1": [0.037, "databases"], "us-east-1": [0.032, "databases"] },
  "db.t4g.medium": { "eu-central-1": [0.074, "derived"], "us-east-1": [0.065, "databasesVirginia"] },
  "db.t4g.large": { "eu-central-1": [0.148, "derived"], "us-east-1": [0.129, "databasesVirginia"] },
};

function row(unit: Unit, offer: string, frankfurt: Quote, virginia: Quote): PriceRow {
  return { unit, offer, quotes: { "eu-central-1": frankfurt, "us-east-1": virginia } };
}
