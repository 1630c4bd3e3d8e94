/** Clones that live. */
import type { FastifyInstance } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import type { ApiDeps } from "../deps";
import { fromDirectory, ownClone } from "../owned";
import { principalOf } from "../request-state";
import { clone, clonePage, COMMON_PROBLEMS, problems } from "../schemas/answers";
import { clonePath, clonesQuery, extendRequest, noQuery } from "../schemas/requests";
import { cloneView } from "../views";
import { linkNext } from "./pages";

export function addClones(app: FastifyInstance, deps: ApiDeps): void {
  const api = app.withTypeProvider<ZodTypeProvider>();
  const tags = ["clones"];
  const { directory } = deps;

  api.get(
    "/api/v2/clones",
    {
      config: { scope: "clones:read" },
      schema: {
        tags,
        operationId: "listClones",
        summary: "Clones that live",
        querystring: clonesQuery,
        response: { 200: clonePage, ...problems(...COMMON_PROBLEMS) },
      },
    },
    async (request, reply) => {
      const { customer_id: customerId, limit, cursor } = request.query;
      const { tenantId } = principalOf(request);
      const query = { tenantId, limit: Number(limit), customerId, cursor };
      const page = await fromDirectory(() => directory.list(query));
      linkNext(request, reply, page.cursor);
      // The directory was asked for this tenant's alone; its answer is held to that.
      const own = page.clones.filter((found) => found.tenantId === tenantId);
      return { clones: own.map(cloneView), next_cursor: page.cursor ?? null };
    },
  );

  api.get(
    "/api/v2/clones/:clone_id",
    {
      config: { scope: "clones:read" },
      schema: {
        tags,
        operationId: "getClone",
        summary: "One clone",
        params: clonePath,
        querystring: noQuery,
        response: { 200: clone, ...problems(...COMMON_PROBLEMS, 404) },
      },
    },
    async (request) => cloneView(await ownClone(deps, request, request.params.clone_id)),
  );

  api.post(
    "/api/v2/clones/:clone_id/extend",
    {
      config: { scope: "clones:write" },
      schema: {
        tags,
        operationId: "extendClone",
        summary: "Let a clone live longer",
        params: clonePath,
        querystring: noQuery,
        body: extendRequest,
        response: { 200: clone, ...problems(...COMMON_PROBLEMS, 404, 409, 413, 415, 422) },
      },
    },
    async (request) => {
      const { id } = await ownClone(deps, request, request.params.clone_id);
      const seconds = request.body.ttl_minutes * 60;
      return cloneView(await fromDirectory(() => directory.extend(id, seconds)));
    },
  );
}
