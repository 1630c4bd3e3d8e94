/** What load balancers and operators ask: whether the process lives, and what it can reach. */
import type { FastifyInstance } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import type { ApiDeps } from "../deps";
import { health, readiness } from "../schemas/answers";

type State = "up" | "down";

/** Milliseconds for which an answer holds: everybody may ask, and the database must not feel it. */
const FRESH = 1000;

export function addHealth(app: FastifyInstance, deps: ApiDeps, checkMilliseconds: number): void {
  const api = app.withTypeProvider<ZodTypeProvider>();
  const look = readyCheck(deps, checkMilliseconds);

  api.get(
    "/healthz",
    {
      config: { quiet: true },
      schema: {
        tags: ["operations"],
        operationId: "health",
        summary: "Lives",
        security: [],
        response: { 200: health },
      },
    },
    () => ({ status: "ok" as const }),
  );

  api.get(
    "/readyz",
    {
      config: { quiet: true },
      schema: {
        tags: ["operations"],
        operationId: "readiness",
        summary: "Can make promises: without the store 503; degraded without queue or directory",
        security: [],
        response: { 200: readiness, 503: readiness },
      },
    },
    async (_request, reply) => {
      const checks = await look();
      // Jobs are promised by their row alone. A Redis that is away must not take every API out of service.
      if (checks.store === "down") reply.code(503);
      const all = Object.values(checks).every((state) => state === "up");
      const status = checks.store === "down" ? "unavailable" : all ? "ready" : "degraded";
      return { status, checks } as const;
    },
  );
}

function readyCheck({ jobs, queue, directory, clock }: ApiDeps, checkMilliseconds: number) {
  let last: { readonly at: number; readonly checks: Promise<Record<string, State>> } | undefined;
  const parts = { store: () => jobs.check(), queue: () => queue.check(), directory: () => directory.check() };
  const askAll = async () => {
    const answers = Object.entries(parts).map(
      async ([name, check]) => [name, await stateOf(check, checkMilliseconds)] as const,
    );
    return Object.fromEntries(await Promise.all(answers)) as Record<string, State>;
  };
  return async () => {
    const at = clock.now().getTime();
    if (last === undefined || at - last.at >= FRESH) last = { at, checks: askAll() };
    return await last.checks;
  };
}

async function stateOf(check: () => Promise<void>, milliseconds: number): Promise<State> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<State>((resolve) => (timer = setTimeout(() => resolve("down"), milliseconds)));
  const answer = Promise.resolve()
    .then(check)
    .then(
      (): State => "up",
      (): State => "down",
    );
  return await Promise.race([answer, late]).finally(() => clearTimeout(timer));
}
