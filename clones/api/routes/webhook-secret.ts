/** What a tenant verifies our webhooks with. */
import type { FastifyInstance } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import { webhookSecretOf } from "../../webhooks/secrets";
import type { ApiDeps } from "../deps";
import { principalOf } from "../request-state";
import { COMMON_PROBLEMS, problems, webhookSecret } from "../schemas/answers";
import { noQuery } from "../schemas/requests";

export function addWebhookSecret(app: FastifyInstance, { platformSecret }: ApiDeps): void {
  app.withTypeProvider<ZodTypeProvider>().get(
    "/api/v2/webhook-secret",
    {
      config: { scope: "admin" },
      schema: {
        tags: ["webhooks"],
        operationId: "getWebhookSecret",
        summary: "The secret that your webhooks are signed with",
        querystring: noQuery,
        response: { 200: webhookSecret, ...problems(...COMMON_PROBLEMS) },
      },
    },
    (request) => ({ secret: webhookSecretOf(platformSecret, principalOf(request).tenantId) }),
  );
}
