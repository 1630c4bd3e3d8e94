/** What Redis must be for the queue: BullMQ loses jobs where keys may be evicted, and a restart forgets what isn't on disk. */
import { QUEUE_KEYS } from "../queue/keys";
import type { Check } from "./doctor";

/** The types that BullMQ's keys have; KEDA counts them by type, and takes a missing key for zero. */
const TYPES: Readonly<Record<keyof typeof QUEUE_KEYS, string>> = {
  wait: "list",
  active: "list",
  prioritized: "zset",
  delayed: "zset",
};

/** What of a Redis client is in use. */
export interface RedisLook {
  ping(): Promise<string>;
  info(section: string): Promise<string>;
  type(key: string): Promise<string>;
}

export function redisChecks(redis: RedisLook): readonly Check[] {
  return [
    {
      what: "Redis",
      remedy: "Is clone-redis-0 running, and is REDIS_PASSWORD the one in its Secret?",
      look: async () => (await redis.ping()).toLowerCase(),
    },
    {
      what: "Redis keeps jobs",
      remedy: "Start it with appendonly yes and maxmemory-policy noeviction, as dist does",
      look: async () => {
        const memory = fieldOf(await redis.info("memory"), "maxmemory_policy");
        const appends = fieldOf(await redis.info("persistence"), "aof_enabled");
        if (memory !== "noeviction") throw new Error(`maxmemory-policy is ${memory}`);
        if (appends !== "1") throw new Error("it appends to no file");
        return "appendonly, noeviction";
      },
    },
    {
      what: "queue keys",
      remedy:
        "Somebody else uses this Redis, or BullMQ has changed its keys: correct clones/queue/keys.ts, KEDA asks for them",
      look: async () => {
        for (const [name, key] of Object.entries(QUEUE_KEYS)) {
          const type = await redis.type(key);
          const expected = TYPES[name as keyof typeof QUEUE_KEYS];
          if (type !== "none" && type !== expected) throw new Error(`${key} is a ${type}, not a ${expected}`);
        }
        return Object.values(QUEUE_KEYS).join(", ");
      },
    },
  ];
}

function fieldOf(info: string, name: string): string {
  return new RegExp(`^${name}:(.*?)\\r?$`, "m").exec(info)?.[1] ?? "unknown";
}
