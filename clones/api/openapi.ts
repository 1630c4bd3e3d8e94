/** The API's description: OpenAPI 3.1 from the schemas that hold its requests, and a page to read and try it. */
import swagger from "@fastify/swagger";
import swaggerUi from "@fastify/swagger-ui";
import type { FastifyInstance } from "fastify";
import { jsonSchemaTransform, jsonSchemaTransformObject } from "fastify-type-provider-zod";

const DESCRIPTION = `Makes temporary clones of WordPress sites, and brings their changes back; copies Loomworks databases for tests.

Everything that takes time is a job: ask, then poll \`status_url\`, stream its events, or give a \`webhook_url\`.
Asking twice with one \`Idempotency-Key\` makes one job. Errors are problem+json (RFC 9457); programs match \`code\`.
A key has at most so many requests a minute, told in \`RateLimit-*\`; after 429 and 503, wait for \`Retry-After\`.`;

/** Before any route. */
export async function addDescription(app: FastifyInstance, publicUrl: string | undefined): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: { title: "WordPress clones", description: DESCRIPTION, version: "2.0.0" },
      servers: [{ url: publicUrl ?? "http://localhost:8000" }],
      tags: [
        { name: "jobs", description: "Make, watch and cancel jobs" },
        { name: "clones", description: "What lives now" },
        { name: "tenant-copies", description: "Neutralised copies of the tenant's Loomworks database; scope copies" },
        { name: "webhooks", description: "Signed as standardwebhooks.com describes" },
        { name: "operations", description: "For load balancers and operators" },
        { name: "v1", description: "The routes of before: deprecated" },
      ],
      components: {
        securitySchemes: {
          bearer: { type: "http", scheme: "bearer", description: "An API key" },
          apiKey: {
            type: "apiKey",
            in: "header",
            name: "X-API-Key",
            description: "The same key in a header of its own",
          },
        },
      },
      security: [{ bearer: [] }, { apiKey: [] }],
    },
    transform: jsonSchemaTransform,
    transformObject: (document) => withoutInputs(jsonSchemaTransformObject(document)),
  });
}

/** Schemas of answers come as if somebody sent them, too; nobody does. */
function withoutInputs(document: ReturnType<typeof jsonSchemaTransformObject>): typeof document {
  const { components } = document as { components?: { schemas?: Record<string, unknown> } };
  const schemas = Object.entries(components?.schemas ?? {}).filter(([name]) => !name.endsWith("Input"));
  return { ...document, components: { ...components, schemas: Object.fromEntries(schemas) } } as typeof document;
}

/** After all routes. */
export async function addPages(app: FastifyInstance): Promise<void> {
  app.get("/openapi.json", { schema: { hide: true } }, () => app.swagger());
  await app.register(swaggerUi, {
    routePrefix: "/docs",
    staticCSP: true,
    uiConfig: { persistAuthorization: false, docExpansion: "list" },
  });
}
