/** Routes that make jobs. */
import type { FastifyInstance } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import type { ApiDeps } from "../deps";
import { ownClone } from "../owned";
import { accepted, COMMON_PROBLEMS, problems } from "../schemas/answers";
import { clonePath, cloneRequest, idempotencyHeader, noQuery, restoreRequest } from "../schemas/requests";
import { accept, Submitter } from "../submit";
import { cloneWish, deleteWish, restoreWish } from "../wishes";

const answers = (...more: readonly number[]) => ({
  202: accepted.describe("The job is in the table; Location tells where to look, Retry-After when"),
  ...problems(...COMMON_PROBLEMS, ...more),
});

export function addSubmissions(app: FastifyInstance, deps: ApiDeps, submitter: Submitter): void {
  const api = app.withTypeProvider<ZodTypeProvider>();
  const tags = ["jobs"];

  api.post(
    "/api/v2/clone",
    {
      config: { scope: "clones:write" },
      schema: {
        tags,
        operationId: "createClone",
        summary: "Copy a site into a clone that ends by itself",
        querystring: noQuery,
        headers: idempotencyHeader,
        body: cloneRequest(deps.urlPolicy),
        response: answers(413, 415, 422),
      },
    },
    async (request, reply) => accept(reply, await submitter.submit(request, cloneWish(request.body))),
  );

  api.post(
    "/api/v2/restore",
    {
      config: { scope: "restore" },
      schema: {
        tags,
        operationId: "restoreClone",
        summary: "Bring a clone's changes back to a site",
        querystring: noQuery,
        headers: idempotencyHeader,
        body: restoreRequest(deps.urlPolicy),
        response: answers(404, 413, 415, 422),
      },
    },
    async (request, reply) => {
      const { clone_id } = request.body.source;
      const clone = clone_id === undefined ? undefined : await ownClone(deps, request, clone_id);
      return accept(reply, await submitter.submit(request, restoreWish(request.body, clone?.id)));
    },
  );

  api.delete(
    "/api/v2/delete/:clone_id",
    {
      config: { scope: "clones:write" },
      schema: {
        tags,
        operationId: "deleteClone",
        summary: "End a clone before its time",
        params: clonePath,
        querystring: noQuery,
        headers: idempotencyHeader,
        response: answers(404, 422),
      },
    },
    async (request, reply) => {
      const clone = await ownClone(deps, request, request.params.clone_id);
      return accept(reply, await submitter.submit(request, deleteWish(clone.id)));
    },
  );
}
