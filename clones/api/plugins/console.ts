/** The console at `/`: a page that asks the API with its user's own key, and can load and ask nothing else. */
import type { FastifyInstance } from "fastify";
import { ConsoleFile, readConsole } from "../../console-files";

/**
 * Everything is the service's own, nothing is inline, nobody frames it. Text that came from somewhere can't become
 * markup: without a policy for Trusted Types, browsers refuse `innerHTML` and its like.
 */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join("; ");

/** The rest is what every answer of the API says. */
const HEADERS = {
  // Kept, but asked for each time: after a new version no old script meets a new page.
  "cache-control": "no-cache",
  "content-security-policy": POLICY,
  "cross-origin-opener-policy": "same-origin",
  "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
};

export function addConsole(app: FastifyInstance, files: readonly ConsoleFile[] = readConsole()): void {
  for (const { path, type, etag, body } of files) {
    app.get(
      path,
      // From memory, to anybody: an answer costs less than counting it, and a proxy's address stands for many.
      { schema: { hide: true }, config: { rateLimit: false }, exposeHeadRoute: true },
      (request, reply) => {
        reply.headers({ ...HEADERS, etag });
        if (isKnown(request.headers["if-none-match"], etag)) return reply.code(304).send();
        return reply.type(type).send(body);
      },
    );
  }
}

/** As RFC 9110 compares for this: weakly, as proxies that compress make tags weak. */
function isKnown(header: string | undefined, etag: string): boolean {
  const given = header?.split(",").map((tag) => tag.trim().replace(/^W\//, "")) ?? [];
  return given.includes(etag) || given.includes("*");
}
