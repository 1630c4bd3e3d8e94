/** Has a request with a body answered in time, too: Fastify's own timer ends as soon as Node has read the body. */
import type { FastifyInstance } from "fastify";
import { serviceSlow } from "../problems";

/** Goes by each route's `handlerTimeout`, counted from the body's end; what is cut off goes on, and nobody hears of it. */
export function addDeadline(app: FastifyInstance): void {
  app.addHook("preValidation", (request, reply, done) => {
    const { handlerTimeout } = request.routeOptions;
    if (handlerTimeout > 0) {
      const timer = setTimeout(() => {
        if (!reply.sent) reply.send(serviceSlow());
      }, handlerTimeout);
      reply.raw.once("close", () => clearTimeout(timer));
    }
    done();
  });
}
