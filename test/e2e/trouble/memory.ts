/** Has the database of a clone take more memory than its container may. */
import { CLONE_NAMESPACES } from "../../../constructs/contract";
import { eventually } from "../../cluster";
import { execInPod } from "../../support/exec-in-pod";
import type { World } from "../world";

const CONTAINER = "mysql";

/** The server gives a session this much for a value, by its default of 16 MiB for a packet. */
const VALUE_BYTES = 16_000_000;

/** Together more than the container's limit of 1 Gi. */
const VALUES = 120;

const OUT_MILLISECONDS = 60_000;

/** By the password that the container has in its environment, as the service does it; nothing of it is in a command line. */
const CLIENT = 'head -n 1 | base64 -d | MYSQL_PWD="$MYSQL_ROOT_PASSWORD" mysql -uroot -h127.0.0.1';

/** The server keeps a session's variables until that ends, and is its container's first process: there the kernel ends it. */
const STATEMENTS = Array.from(
  { length: VALUES },
  (_, number) => `SET @value${number} = REPEAT('x', ${VALUE_BYTES});`,
).join("\n");

/** Returns when the kernel has ended the database, and the kubelet says of what. @returns the exit code */
export async function runOutOfMemory(world: World, pod: string): Promise<number> {
  const { containerID } = await statusOf(world, pod);
  const command = { container: CONTAINER, command: ["sh", "-c", CLIENT], input: STATEMENTS, seconds: 60 };
  const run = execInPod(world.cluster.config, CLONE_NAMESPACES.staging, pod, command);
  // The session ends with its server. What is seen below tells more than its last words.
  await run.catch(() => undefined);
  return await eventually(
    async () => {
      const { state, lastState } = await statusOf(world, pod);
      const ended = state.terminated ?? lastState?.terminated;
      if (ended?.containerID !== containerID) throw new Error("its container goes on");
      if (ended.reason !== "OOMKilled") throw new Error(`it ended by ${ended.reason}, ${ended.exitCode}`);
      return Number(ended.exitCode);
    },
    { what: `the end of ${CONTAINER} in ${pod} for want of memory`, timeoutMs: OUT_MILLISECONDS, intervalMs: 500 },
  );
}

async function statusOf({ cluster: { client } }: World, name: string): Promise<any> {
  const { status } = await client.get({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace: CLONE_NAMESPACES.staging },
  });
  return status.containerStatuses.find((container: any) => container.name === CONTAINER);
}
