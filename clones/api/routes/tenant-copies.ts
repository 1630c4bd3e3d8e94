/** Neutralised copies of the Loomworks database that is named as the key's tenant: no request can name another. */
import type { FastifyInstance } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import type { ApiDeps } from "../deps";
import { copiesOf, fromDirectory, ownCopy } from "../owned";
import { principalOf } from "../request-state";
import { accepted, COMMON_PROBLEMS, copyList, problems, tenantCopy } from "../schemas/answers";
import { copyExtendRequest, copyPath, copyRequest, idempotencyHeader, noQuery } from "../schemas/requests";
import { accept, Submitter } from "../submit";
import { copyView } from "../views";
import { copyEndWish, copyWish } from "../wishes";

const config = { scope: "copies" } as const;
const tags = ["tenant-copies"];

export function addTenantCopies(app: FastifyInstance, deps: ApiDeps, submitter: Submitter): void {
  addReading(app, deps);
  addChanges(app, deps, submitter);
}

function addReading(app: FastifyInstance, deps: ApiDeps): void {
  const api = app.withTypeProvider<ZodTypeProvider>();

  api.get(
    "/api/v2/tenant-copies",
    {
      config,
      schema: {
        tags,
        operationId: "listTenantCopies",
        summary: "Copies that live, oldest first",
        querystring: noQuery,
        response: { 200: copyList, ...problems(...COMMON_PROBLEMS, 404) },
      },
    },
    async (request) => {
      const { tenantId } = principalOf(request);
      const copies = await fromDirectory(() => copiesOf(deps).list(tenantId));
      // The directory was asked for this tenant's alone; its answer is held to that.
      return { copies: copies.filter((copy) => copy.tenantId === tenantId).map(copyView) };
    },
  );

  api.get(
    "/api/v2/tenant-copies/:copy_id",
    {
      config,
      schema: {
        tags,
        operationId: "getTenantCopy",
        summary: "One copy",
        params: copyPath,
        querystring: noQuery,
        response: { 200: tenantCopy, ...problems(...COMMON_PROBLEMS, 404) },
      },
    },
    async (request) => copyView(await ownCopy(deps, request, request.params.copy_id)),
  );
}

function addChanges(app: FastifyInstance, deps: ApiDeps, submitter: Submitter): void {
  const api = app.withTypeProvider<ZodTypeProvider>();

  api.post(
    "/api/v2/tenant-copies",
    {
      config,
      schema: {
        tags,
        operationId: "createTenantCopy",
        summary: "Copy the tenant's Loomworks database, neutralised, for a test that ends by itself",
        querystring: noQuery,
        headers: idempotencyHeader,
        body: copyRequest(deps.urlPolicy),
        response: { 202: accepted, ...problems(...COMMON_PROBLEMS, 404, 409, 413, 415, 422) },
      },
    },
    async (request, reply) => {
      const copies = copiesOf(deps);
      const repeated = request.headers["idempotency-key"] !== undefined;
      // What is asked for again has its job already, and its own copy is no reason to refuse it: the worker looks as well.
      if (!repeated) await fromDirectory(() => copies.assertRoom(principalOf(request).tenantId));
      return accept(reply, await submitter.submit(request, copyWish(request.body)));
    },
  );

  api.post(
    "/api/v2/tenant-copies/:copy_id/extend",
    {
      config,
      schema: {
        tags,
        operationId: "extendTenantCopy",
        summary: "Let a copy live longer",
        params: copyPath,
        querystring: noQuery,
        body: copyExtendRequest,
        response: { 200: tenantCopy, ...problems(...COMMON_PROBLEMS, 404, 409, 413, 415, 422) },
      },
    },
    async (request) => {
      const { id } = await ownCopy(deps, request, request.params.copy_id);
      const seconds = request.body.ttl_minutes * 60;
      return copyView(await fromDirectory(() => copiesOf(deps).extend(id, seconds)));
    },
  );

  api.delete(
    "/api/v2/tenant-copies/:copy_id",
    {
      config,
      schema: {
        tags,
        operationId: "deleteTenantCopy",
        summary: "End a copy before its time",
        params: copyPath,
        querystring: noQuery,
        headers: idempotencyHeader,
        response: { 202: accepted, ...problems(...COMMON_PROBLEMS, 404, 422) },
      },
    },
    async (request, reply) => {
      const { id } = await ownCopy(deps, request, request.params.copy_id);
      return accept(reply, await submitter.submit(request, copyEndWish(id)));
    },
  );
}
