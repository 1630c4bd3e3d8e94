/** Pages of lists. */
import type { FastifyReply, FastifyRequest } from "fastify";

/** `Link: <…>; rel="next"` (RFC 8288) with the same filters; nothing after the last page. */
export function linkNext(request: FastifyRequest, reply: FastifyReply, cursor: string | undefined): void {
  if (cursor === undefined) return;
  const [path = "", search] = request.url.split("?", 2);
  const query = new URLSearchParams(search);
  query.set("cursor", cursor);
  reply.header("link", `<${path}?${query.toString()}>; rel="next"`);
}
