import { join } from "node:path";
import { Construct } from "constructs";
import { Files, readFiles } from "../../../constructs/shared/files";
import { POWERLESS, PORTS } from "../accounts";

/** Where files of this one's ConfigMaps, the volume and the users are in the pod. */
export const FOLDERS = { config: "/etc/redis", scripts: "/scripts", data: "/data", users: "/users" } as const;

export const USERS_FILE = `${FOLDERS.users}/users.acl`;

const SCRIPTS = ["acl.sh", "probe.sh"];

/**
 * Half of the container's limit: while the append-only file is rewritten, what changes is in memory twice. A queue that
 * grows beyond refuses new jobs, which the sweeper adds later; it never drops any.
 */
const MAXMEMORY = "256mb";

/** Redis' configuration and scripts. */
export class RedisConfig extends Construct {
  readonly configuration: Files;
  readonly scripts: Files;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    const name = POWERLESS.redis;
    this.configuration = new Files(this, "Configuration", {
      name: `${name}-config`,
      owner: name,
      data: { "redis.conf": REDIS_CONF },
    });
    const data = readFiles(SCRIPTS.map((file) => join(__dirname, "scripts", file)));
    this.scripts = new Files(this, "Scripts", { name: `${name}-scripts`, owner: name, data });
  }
}

/**
 * The append-only file alone, synced each second: a crash costs a second of the queue, and the jobs table has that too.
 * Protected mode stays on, so that a server without users would answer nobody but its own pod.
 */
const REDIS_CONF = `bind * -::*
port ${PORTS.redis}
aclfile ${USERS_FILE}
dir ${FOLDERS.data}
appendonly yes
appendfsync everysec
save ""
maxmemory ${MAXMEMORY}
maxmemory-policy noeviction
tcp-keepalive 60
`;
