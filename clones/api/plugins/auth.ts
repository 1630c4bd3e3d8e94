/** Who asks, and what that key may do. */
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { ServiceError } from "../../errors";
import type { Scope } from "../../store/api-keys";
import type { ApiDeps } from "../deps";
import { refuse } from "../problems";

/** RFC 6750's alphabet; far more than a key has. */
const KEY = /^[\w.~+/=-]{8,256}$/;
const BEARER = /^bearer +(\S+) *$/i;

const CHALLENGE = 'Bearer realm="clones"';

export function addAuth(app: FastifyInstance, { keys }: Pick<ApiDeps, "keys">): void {
  app.addHook("onRequest", async (request, reply) => {
    const { scope } = request.routeOptions.config;
    if (scope === undefined) return;
    const text = keyOf(request);
    const principal = text === undefined ? undefined : await keys.authenticate(text);
    if (principal === undefined) {
      const invalid = text !== undefined || request.headers.authorization !== undefined;
      reply.header("www-authenticate", invalid ? `${CHALLENGE}, error="invalid_token"` : CHALLENGE);
      throw invalid ? keyUnknown() : keyMissing();
    }
    request.principal = principal;
    if (!principal.scopes.includes(scope)) {
      reply.header("www-authenticate", `${CHALLENGE}, error="insufficient_scope", scope="${scope}"`);
      throw scopeMissing(scope);
    }
  });
}

function keyOf({ headers }: FastifyRequest): string | undefined {
  const header = headers["x-api-key"];
  const text = headers.authorization === undefined ? header : BEARER.exec(headers.authorization)?.[1];
  return typeof text === "string" && KEY.test(text) ? text : undefined;
}

const keyMissing = () =>
  refuse(401, "KEY_MISSING", "Authorization", "the route needs an API key", "Send Authorization: Bearer and the key");

const keyUnknown = (): ServiceError =>
  refuse(
    401,
    "KEY_UNKNOWN",
    "Authorization",
    "there is no such key, or it has ended",
    "Ask its operators for a new one",
  );

const scopeMissing = (scope: Scope) =>
  refuse(403, "KEY_SCOPE", "Authorization", `the key lacks the scope ${scope}`, "Use a key that has it");
