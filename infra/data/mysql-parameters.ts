/** What the shared MySQL does otherwise than RDS' default of its family. All of them take effect without a restart. */
import { RDS } from "../../constructs/versions";

/** Of the parameter group; changes with the major version alone. */
export const MYSQL_FAMILY = `${RDS.engine}${RDS.engineVersion}`;

/** Rows of WordPress hold whole page builders' documents; MySQL's own 64 MiB, where RDS keeps to less for small instances. */
const LARGEST_PACKET_BYTES = 64 * 2 ** 20;

/** Seconds above which a statement is logged as slow. */
const SLOW_SECONDS = 2;

const PARAMETERS = {
  // Written out, whatever the default will be: WordPress, and the clones that it serves, connect without TLS. The security
  // group lets nobody but the cluster's nodes near.
  require_secure_transport: "0",
  max_allowed_packet: String(LARGEST_PACKET_BYTES),
  // As files, which RDS hands on to CloudWatch; the default writes a table that nobody empties.
  log_output: "FILE",
  slow_query_log: "1",
  long_query_time: String(SLOW_SECONDS),
} as const;

/** In the form that a parameter group takes. */
export const MYSQL_PARAMETERS = Object.entries(PARAMETERS).map(([name, value]) => ({
  name,
  value,
  applyMethod: "immediate",
}));
