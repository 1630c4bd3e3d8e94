/** How much one key may ask for. */
import rateLimit from "@fastify/rate-limit";
import type { FastifyInstance } from "fastify";
import { refuse } from "../problems";
import type { ApiDeps } from "../deps";

export async function addLimits(app: FastifyInstance, deps: Pick<ApiDeps, "rateRedis">, ratePerMinute: number) {
  await app.register(rateLimit, {
    timeWindow: 60_000,
    max: (request) => request.principal?.ratePerMinute ?? ratePerMinute,
    keyGenerator: ({ principal, ip }) => (principal === undefined ? `ip:${ip}` : `key:${principal.keyId}`),
    allowList: (request) => request.routeOptions.config.quiet === true,
    enableDraftSpec: true,
    // Counting is no reason to refuse what can be done.
    skipOnError: true,
    nameSpace: "clones-rate-",
    ...(deps.rateRedis === undefined ? {} : { redis: deps.rateRedis }),
    errorResponseBuilder: (_request, { max }) =>
      refuse(
        429,
        "RATE_LIMITED",
        "Authorization",
        `the key has had its ${max} requests of this minute`,
        "Wait for Retry-After",
      ),
  });
}
