/** The settings of the WordPress clones: where they live, how long, and what they may take. */
import { z } from "zod";
import { IMAGES } from "../versions";
import { serviceSchema } from "./clone-service";
import { bytes, count, cpu, domain, imageName, network, registry, schedule } from "./fields";

/** An ALB has 100 target groups, and no request raises that; at the limit even deletions wedge. */
const ALB_TARGET_GROUPS = 100;

/** Target groups that stay free: those of ended clones go later than the clones do. */
const ALB_RESERVE = 10;

/** A week: a clone is a copy of production, and none is meant to be kept. */
const LONGEST_TTL_SECONDS = 604_800;

const images = z
  .strictObject({
    registry: registry()
      .default("registry.example.com/loomworks")
      .describe("Registry and path of our own images; clones may run no others"),
    wordpress: imageName().default(IMAGES.wordpressClone).describe("Image of a clone, by name and tag"),
    service: imageName().default(IMAGES.cloneService).describe("Image of API, workers and cleaner, by name and tag"),
  })
  .prefault({});

const sharedDatabase = z
  .strictObject({
    host: domain()
      .default("mysql.databases.svc.cluster.local")
      .describe("Host of the MySQL that clones share, where the stack makes none itself (target local)"),
    port: count(1, 65_535).default(3306).describe("Its port"),
    network: network()
      .default("10.0.0.0/16")
      .describe("Addresses it may have: the one private range that clones reach, on that port alone"),
  })
  .prefault({});

const apiServer = z
  .strictObject({
    network: network()
      .default("10.0.0.0/16")
      .describe("Addresses of the API server, behind its Service: of all our pods, the clone service's alone reach it"),
    port: count(1, 65_535).default(443).describe("Its port there; 6443 in most local clusters"),
  })
  .prefault({});

const cleaner = z
  .strictObject({
    schedule: schedule().default("*/5 * * * *").describe("When expired clones are deleted: a cron line, UTC"),
  })
  .prefault({});

const quota = z
  .strictObject({
    cpu: cpu().default("100").describe("Sum of the CPU requests of all pods in one namespace of clones"),
    memory: bytes().default("200Gi").describe("Sum of the memory requests of all pods in one namespace of clones"),
    pods: count(1, 5000).default(150).describe("Number of pods in one namespace of clones"),
  })
  .prefault({});

const kro = z
  .strictObject({
    install: z
      .boolean()
      .default(false)
      .describe(
        "Whether the program installs KRO; its chart comes from a registry, which a local cluster may not reach",
      ),
    concurrentReconciles: count(1, 100)
      .default(20)
      .describe("Clones that KRO works on at once; KRO's own default is 1"),
    requeueIntervalSeconds: count(1, 300)
      .default(3)
      .describe(
        "Seconds until KRO looks again at a clone that waits or ends. Longer ones save few requests, and slow its end",
      ),
    memoryLimit: bytes().default("2Gi").describe("Memory above which KRO is killed; it holds every clone's objects"),
  })
  .prefault({});

export const clonesSchema = z.strictObject({
  domain: domain().default("clones.betaweb.ai").describe("Domain whose subdomains are the clones of customers"),
  images,
  defaultTtlSeconds: count(60, LONGEST_TTL_SECONDS)
    .default(1800)
    .describe("Life of a clone, in seconds, if none is asked for"),
  maxTtlSeconds: count(60, LONGEST_TTL_SECONDS)
    .default(LONGEST_TTL_SECONDS)
    .describe("Longest life of a clone, in seconds, extensions included"),
  routing: z
    .enum(["host", "path"])
    .default("host")
    .describe(
      'How a clone is reached: "host" by {customer}.{domain} through Traefik, "path" by /{clone} on an ALB of its group',
    ),
  albGroups: count(1, 50)
    .default(4)
    .describe("ALBs that clones are spread over where routing is path; about $20 a month each"),
  clonesPerAlbGroup: count(1, ALB_TARGET_GROUPS - ALB_RESERVE)
    .default(ALB_TARGET_GROUPS - ALB_RESERVE)
    .describe("Most clones on one of those ALBs, which end at 100 target groups"),
  database: z
    .enum(["shared", "dedicated", "sidecar", "sqlite"])
    .default("shared")
    .describe("Database of a clone if none is asked for; dedicated ones are refused outside of wordpress-production"),
  sharedDatabase,
  exposeCredentials: z
    .boolean()
    .default(true)
    .describe("Whether a clone's status carries its password; its Secret always does"),
  service: serviceSchema,
  apiServer,
  cleaner,
  quota,
  kro,
});

export type ClonesSettings = z.output<typeof clonesSchema>;

/** The image that a clone runs. */
export function cloneImage({ images }: Pick<ClonesSettings, "images">): string {
  return `${images.registry}/${images.wordpress}`;
}

/** The image of the clone service: API, workers and cleaner are one. */
export function serviceImage({ images }: Pick<ClonesSettings, "images">): string {
  return `${images.registry}/${images.service}`;
}

/** Where the jobs table is: on the clones' shared database, unless the stack says otherwise. */
export function jobsDatabase({ sharedDatabase, service }: Pick<ClonesSettings, "sharedDatabase" | "service">) {
  const { host, port, network, name } = service.jobsDatabase;
  return {
    host: host ?? sharedDatabase.host,
    port: port ?? sharedDatabase.port,
    network: network ?? sharedDatabase.network,
    name,
  };
}
