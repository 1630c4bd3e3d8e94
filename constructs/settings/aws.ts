/** The settings of the AWS half: account, network, cluster and its nodes. A stack whose target is local makes nothing of it. */
import { z } from "zod";
import { dataSchema, deliverySchema, observabilitySchema, pagesSchema } from "./aws-services";
import {
  accountId,
  addresses,
  bytes,
  count,
  cpu,
  domain,
  instanceType,
  network,
  principal,
  region,
  zoneLetter,
} from "./fields";
import { BUFFER_INSTANCES, BufferInstance } from "./instance-types";

/** Days that CloudWatch keeps logs; it knows these among others, and 0 is none. */
const LOG_DAYS = [7, 30, 90, 180, 365] as const;

/** The documents' general pool. */
const GENERAL_LIMITS = { cpu: "100", memory: "200Gi" } as const;

/** Three of these hold the documents' first 20 clones; two t2.small, which they name, hold two. The plan shows the sum. */
const BUFFER = { nodes: 3, instanceType: "t3.xlarge" } as const;

const networkSchema = z
  .strictObject({
    cidr: network().default("10.0.0.0/16").describe("Addresses of the VPC. It can't be changed later"),
    zones: z
      .array(zoneLetter())
      .length(3)
      .default(["a", "b", "c"])
      .describe("Letters of the three availability zones, as the account sees them"),
    nat: z
      .enum(["single", "zonal"])
      .default("zonal")
      .describe(
        'NAT gateways: "single" is one for all zones, "zonal" one in each; about $33 a month each, and traffic',
      ),
    interfaceEndpoints: z
      .boolean()
      .default(true)
      .describe("Whether AWS' services are reached by private endpoints; about $7 a month each and zone"),
    flowLogDays: z
      .literal([0, ...LOG_DAYS])
      .default(90)
      .describe("Days that the network's flow logs are kept; 0 for no flow logs"),
  })
  .prefault({});

const systemNodes = z
  .strictObject({
    instanceType: instanceType().default("m7i-flex.large").describe("Type of the nodes that Karpenter itself runs on"),
    capacity: z.enum(["on-demand", "spot"]).default("on-demand").describe("How they are bought"),
    count: count(2, 9).default(3).describe("How many; fewer than three leave a zone without"),
  })
  .prefault({});

const clusterSchema = z
  .strictObject({
    publicAccess: z
      .array(addresses())
      .optional()
      .describe(
        "Networks from which the API server is reached through the internet, that of whoever runs Pulumi among them; [] leaves the VPC alone. `pulumi up` asks for it",
      ),
    administrators: z
      .array(principal())
      .default([])
      .describe("ARNs of IAM roles or users who administer the cluster, beside whoever made it"),
    logDays: z
      .literal([...LOG_DAYS])
      .default(90)
      .describe("Days that the control plane's logs are kept"),
    protect: z
      .boolean()
      .default(true)
      .describe("Whether AWS and Pulumi refuse to delete the cluster, its key and the network"),
    systemNodes,
  })
  .prefault({});

const general = z
  .strictObject({
    capacity: z
      .enum(["spot", "on-demand", "both"])
      .default("both")
      .describe('How nodes are bought; "both" takes spot where there is any'),
    instanceTypes: z
      .array(instanceType())
      .default([])
      .describe(
        "Types that may be taken, as the documents' t2.small and t3.medium; none for all of families c, m and t",
      ),
    cpu: cpu().default(GENERAL_LIMITS.cpu).describe("Sum of the CPUs of all nodes"),
    memory: bytes().default(GENERAL_LIMITS.memory).describe("Sum of the memory of all nodes"),
  })
  .prefault({});

const buffer = z
  .strictObject({
    mode: z
      .enum(["pause", "static", "capacityBuffer"])
      .default("pause")
      .describe(
        'What keeps nodes warm: pods that give way ("pause"), or what Karpenter has for it, both alpha: a fixed number of nodes ("static") or spare room ("capacityBuffer")',
      ),
    nodes: count(0, 20).default(BUFFER.nodes).describe("Warm nodes; 0 for none"),
    instanceType: z
      .enum(Object.keys(BUFFER_INSTANCES) as [BufferInstance])
      .default(BUFFER.instanceType)
      .describe("Their type; the plan shows how many clones fit into it"),
    capacity: z.enum(["on-demand", "spot"]).default("on-demand").describe("How they are bought"),
  })
  .prefault({});

export const awsSchema = z.strictObject({
  account: accountId().optional().describe("Account that the stack is made in; the program refuses any other"),
  region: region().optional().describe("Region that the stack is made in"),
  domain: domain()
    .optional()
    .describe("Domain of the stack's own pages (grafana., argocd.), and of the certificates' contact (hostmaster@)"),
  network: networkSchema,
  cluster: clusterSchema,
  karpenter: z.strictObject({ general, buffer }).prefault({}),
  data: dataSchema,
  observability: observabilitySchema,
  delivery: deliverySchema,
  pages: pagesSchema,
});

/** As written: the three that a target of aws must have may be missing. */
export type AwsSettings = z.output<typeof awsSchema>;

/** Of a stack whose target is aws: {@link awsContradictions} saw to the three. */
export type AwsTarget = AwsSettings & Required<Pick<AwsSettings, "account" | "region" | "domain">>;
