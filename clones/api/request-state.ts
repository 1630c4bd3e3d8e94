/** What a request and a route know beyond Fastify's own. */
import type { Context, Span } from "@opentelemetry/api";
import type { ApiPrincipal, Scope } from "../store/api-keys";

declare module "fastify" {
  interface FastifyRequest {
    /** Who asks; set on every route with a scope. */
    principal: ApiPrincipal | undefined;
    span: Span | undefined;
    traceContext: Context | undefined;
    traceId: string | undefined;
  }
  interface FastifyContextConfig {
    /** What the key must be allowed to; a route without it is open to everybody. */
    readonly scope?: Scope;
    /** Asked every few seconds by machines: neither logged, nor traced, nor counted against a limit. */
    readonly quiet?: boolean;
  }
}

/** Of a route with a scope. */
export function principalOf({ principal }: { principal: ApiPrincipal | undefined }): ApiPrincipal {
  if (principal === undefined) throw new Error("a route without a scope asked who its caller is");
  return principal;
}
