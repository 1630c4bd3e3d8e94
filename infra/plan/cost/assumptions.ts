/** What a plan can't know: use. Each number is a named default, shown with the line that rests on it. */
import type { BufferInstance } from "../../../constructs/settings";

export interface Assumptions {
  /** GB a month that pass NAT gateways: images of other registries, AWS' services without an endpoint. */
  readonly natGb: number;
  /** GB a month through each interface endpoint. */
  readonly endpointGb: number;
  /** GB a month to the internet. */
  readonly internetGb: number;
  /** GB a month from zone to zone, billed on both sides. */
  readonly zonesGb: number;
  /** Mean of the load balancer's capacity units (1 GB an hour, or 25 new connections a second). */
  readonly balancerCapacity: number;
  /** GB a month of the control plane's logs, of flow logs, and of each log of the database. */
  readonly controlPlaneLogGb: number;
  readonly flowLogGb: number;
  readonly databaseLogGb: number;
  /** Of a log's size, what CloudWatch stores of it. */
  readonly logCompression: number;
  /** Of a volume on EFS, what is written: nobody pays for the rest. */
  readonly sharedVolumeFill: number;
  /** Of what is on EFS, read and written a month: backups are read to be verified, and rotate. */
  readonly sharedVolumeReads: number;
  readonly sharedVolumeWrites: number;
  /** Of RDS' disk, what is data; and of the data, what changes a day, for its backups. */
  readonly databaseFill: number;
  readonly databaseChangeADay: number;
  /** GB a day into each bucket. */
  readonly backupGbADay: number;
  readonly logGbADay: number;
  readonly traceGbADay: number;
  /** Millions of requests a month to Karpenter's queue, and ten thousands to each key. */
  readonly queueRequests: number;
  readonly keyRequests: number;
  /** Clones that live at once where the warm nodes are full; the mean of a month. */
  readonly clonesBeyondBuffer: number;
  /** Clones with a database instance of their own that live at once; the mean of a month. */
  readonly dedicatedDatabases: number;
  /** Type that Karpenter takes for the general pool where the settings name none. */
  readonly generalInstance: BufferInstance;
}

export const ASSUMPTIONS: Assumptions = {
  natGb: 100,
  endpointGb: 20,
  internetGb: 100,
  zonesGb: 200,
  balancerCapacity: 1,
  controlPlaneLogGb: 20,
  flowLogGb: 20,
  databaseLogGb: 1,
  logCompression: 0.15,
  sharedVolumeFill: 0.3,
  sharedVolumeReads: 1,
  sharedVolumeWrites: 1,
  databaseFill: 0.5,
  databaseChangeADay: 0.05,
  backupGbADay: 5,
  logGbADay: 2,
  traceGbADay: 1,
  queueRequests: 0.5,
  keyRequests: 10,
  clonesBeyondBuffer: 5,
  dedicatedDatabases: 1,
  generalInstance: "m7i-flex.xlarge",
};
