/** What every answer says to browsers, and what a process says that is about to end. */
import type { FastifyInstance } from "fastify";
import { refuse } from "../problems";

/** Answers are data for one caller: nothing keeps, frames, runs or guesses them. The page of /docs loosens the policy. */
const HEADERS = {
  "cache-control": "no-store",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  // Ignored over plain HTTP, as between load balancer and pod.
  "strict-transport-security": "max-age=31536000",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
};

export function addHeaders(app: FastifyInstance): void {
  app.addHook("onRequest", (_request, reply, done) => {
    reply.headers(HEADERS);
    done();
  });
}

/** While the process ends it answers what it has begun, and sends the rest to another. */
export function addClosing(app: FastifyInstance): void {
  let closing = false;
  app.addHook("preClose", (done) => {
    closing = true;
    done();
  });
  // What was asked before is answered now, and its connection kept open would keep the process.
  app.addHook("onSend", (_request, reply, _payload, done) => {
    if (closing) reply.header("connection", "close");
    done();
  });
  app.addHook("onRequest", (_request, _reply, done) => {
    if (!closing) {
      done();
      return;
    }
    done(refuse(503, "SERVICE_CLOSING", "service", "this process is about to end", "Ask again: another one answers"));
  });
}
