/** The settings of the clone service's own processes: API, workers, warm pool controller, queue and jobs table. */
import { z } from "zod";
import { bytes, collector, count, dnsLabel, domain, network, schemaName } from "./fields";

/** Fewest seconds of grace that leave time to hand a job back after it was asked to stop ({@link handBackSeconds}). */
const LEAST_GRACE_SECONDS = 120;

/** An hour: a node that is drained waits for its workers that long. */
const MOST_GRACE_SECONDS = 3600;

/** Seconds before the pod's end at which a worker stops waiting for its jobs, and hands them back. */
const HAND_BACK_SECONDS = 60;

const worker = z
  .strictObject({
    autoscale: z
      .boolean()
      .default(true)
      .describe("Whether KEDA scales the workers by the length of their queue, from 2 to 20"),
    replicas: count(1, 100).default(2).describe("Workers where KEDA does not"),
    concurrency: count(1, 100).default(4).describe("Jobs that one worker has under way at once"),
    graceSeconds: count(LEAST_GRACE_SECONDS, MOST_GRACE_SECONDS)
      .default(900)
      .describe("Seconds that a worker which is told to end has for its jobs; give the longest job's"),
  })
  .prefault({});

const warmPool = z
  .strictObject({
    min: count(0, 50).default(1).describe("Warm pods that are kept ready"),
    max: count(0, 50).default(2).describe("Warm pods beyond which the oldest go"),
    reuse: z
      .boolean()
      .default(false)
      .describe("Whether a pod returns to the pool once it is proven clean; without, each is used once"),
  })
  .prefault({});

const redis = z
  .strictObject({
    volume: bytes().default("5Gi").describe("Size of the queue's volume. It can grow, never shrink"),
    storageClass: dnsLabel().default("gp3").describe("Its StorageClass (ReadWriteOnce)"),
  })
  .prefault({});

const copies = z
  .strictObject({
    enabled: z
      .boolean()
      .default(false)
      .describe(
        "Whether API keys with the scope copies may copy databases of Loomworks. Not by default: these are companies' books",
      ),
    namespace: dnsLabel().default("loomworks").describe("Namespace of the installation whose databases they are"),
    perTenant: count(1, 50).default(1).describe("Copies that one tenant may have at once"),
  })
  .prefault({});

const jobsDatabase = z
  .strictObject({
    host: domain()
      .optional()
      .describe("Host of the MySQL with the jobs table; without it, the clones' shared one (sharedDatabase)"),
    port: count(1, 65_535).optional().describe("Its port; without it, the shared one's"),
    network: network().optional().describe("Addresses it may have; without it, the shared one's"),
    name: schemaName().default("clone_jobs").describe("Name of the schema; the schema job makes it"),
  })
  .prefault({});

export const serviceSchema = z
  .strictObject({
    minReplicas: count(2, 50).default(2).describe("Fewest replicas of the API. Two, or the end of a node is an outage"),
    maxReplicas: count(2, 50).default(10).describe("Most replicas of the API"),
    clusterIssuer: dnsLabel().default("letsencrypt").describe("cert-manager ClusterIssuer of the API's certificate"),
    ratePerMinute: count(1, 1_000_000).default(600).describe("Requests a minute that one API key may make"),
    console: z.boolean().default(true).describe("Whether the API's host shows the console at /"),
    allowPrivateSources: z
      .boolean()
      .default(false)
      .describe(
        "Whether sites at private addresses may be cloned, and webhooks go there: for closed networks alone. " +
          "Policies admit ports 80, 443 and 8080; behind a Service, that of its pods",
      ),
    tracingEndpoint: collector()
      .default("http://otel-collector.observability.svc.cluster.local:4318")
      .describe(
        "Collector that traces go to, by OTLP over HTTP; empty for none. Policies admit the cluster's own alone",
      ),
    protectKeys: z
      .boolean()
      .default(true)
      .describe("Whether Pulumi refuses to delete the keys that credentials are sealed with and derived from"),
    worker,
    warmPool,
    redis,
    copies,
    jobsDatabase,
  })
  .prefault({});

export type ServiceSettings = z.output<typeof serviceSchema>;

/** What a worker counts as its time to finish: the rest of the grace is for handing back. */
export function handBackSeconds({ worker: { graceSeconds } }: ServiceSettings): number {
  return graceSeconds - HAND_BACK_SECONDS;
}
