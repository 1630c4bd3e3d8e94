/** The clone service's HTTP API, apart from any server: `inject` asks it in tests, `listen` in production. */
import Fastify, { FastifyBaseLogger, FastifyInstance, LogController } from "fastify";
import { serializerCompiler, ZodTypeProvider } from "fastify-type-provider-zod";
import { ApiDeps, LIMITS } from "./deps";
import { addDescription, addPages } from "./openapi";
import { addAuth } from "./plugins/auth";
import { addConsole } from "./plugins/console";
import { addDeadline } from "./plugins/deadline";
import { addErrors, sendError } from "./plugins/errors";
import { addClosing, addHeaders } from "./plugins/headers";
import { addLimits } from "./plugins/limits";
import { addRequests, requestIdOf } from "./plugins/requests";
import { refuseConnection } from "./plugins/connections";
import { unreadable } from "./problems";
import { addClones } from "./routes/clones";
import { addEvents } from "./routes/events";
import { addHealth } from "./routes/health";
import { addJobs } from "./routes/jobs";
import { addLegacy } from "./routes/legacy";
import { addRollbacks } from "./routes/rollbacks";
import { addSubmissions } from "./routes/submissions";
import { addTenantCopies } from "./routes/tenant-copies";
import { addWebhookSecret } from "./routes/webhook-secret";
import { Seats } from "./seats";
import { Submitter } from "./submit";
import { compileSchema } from "./validation";
import "./request-state";

/** Where codes are explained, seen from the repository's root. */
const ERRORS_URL = "docs/errors.md";

/** Milliseconds in which a request must have arrived; a slow sender holds a connection no longer. */
const REQUEST_TIMEOUT = 30_000;

/** Milliseconds that an idle connection stays: more than the 60 s after which load balancers leave it. */
const KEEP_ALIVE = 72_000;

export async function buildApi(deps: ApiDeps): Promise<FastifyInstance> {
  const limits = { ...LIMITS, ...deps.limits };
  const errorsUrl = deps.errorsUrl ?? ERRORS_URL;
  const app = Fastify({
    loggerInstance: quietLogger(deps),
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: "req_id" }),
    genReqId: ({ headers }) => requestIdOf(headers, deps.randomBytes),
    bodyLimit: limits.bodyBytes,
    requestTimeout: REQUEST_TIMEOUT,
    handlerTimeout: limits.requestMilliseconds,
    keepAliveTimeout: KEEP_ALIVE,
    trustProxy: deps.trustProxy === undefined ? false : [...deps.trustProxy],
    // Ours says it as problem+json.
    return503OnClosing: false,
    exposeHeadRoutes: false,
    frameworkErrors: (error, request, reply) => {
      sendError(error, request, reply, errorsUrl);
    },
    clientErrorHandler: refuseConnection,
  }).withTypeProvider<ZodTypeProvider>() as unknown as FastifyInstance;
  app.setValidatorCompiler(compileSchema as never);
  app.setSerializerCompiler(serializerCompiler);
  readBodies(app);

  addErrors(app, errorsUrl);
  addHeaders(app);
  addRequests(app, deps);
  addClosing(app);
  addDeadline(app);
  addAuth(app, deps);
  await addLimits(app, deps, limits.ratePerMinute);
  await addDescription(app, deps.publicUrl);
  addRoutes(app, deps, limits);
  if (deps.console ?? true) addConsole(app);
  await addPages(app);
  return app;
}

function addRoutes(app: FastifyInstance, deps: ApiDeps, limits: typeof LIMITS): void {
  const closing = new AbortController();
  const submitter = new Submitter(deps);
  const seats = new Seats(limits.streamsPerKey, limits.streams);
  addHealth(app, deps, limits.checkMilliseconds);
  addSubmissions(app, deps, submitter);
  addJobs(app, deps);
  addRollbacks(app, deps, submitter);
  addClones(app, deps);
  addTenantCopies(app, deps, submitter);
  const hub = addEvents(app, deps, limits, seats, closing.signal);
  addWebhookSecret(app, deps);
  addLegacy(app, deps, limits, { submitter, seats, closing: closing.signal });
  app.addHook("preClose", (done) => {
    // Streams would keep the server open for as long as their jobs take.
    closing.abort();
    hub.close();
    done();
  });
  app.addHook("onClose", async () => await submitter.settled());
}

/** JSON alone; an empty body is none, whatever its type says: clients send the header with every request. */
function readBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  const parse = app.getDefaultJsonParser("error", "error");
  app.addContentTypeParser("application/json", { parseAs: "string" }, (request, body, done) => {
    if (body === "") {
      done(null, undefined);
      return;
    }
    void parse(request, body as string, (error, value) =>
      done(error === null ? null : unreadable("it is no JSON"), value),
    );
  });
}

/** Requests and answers that Fastify itself would log are told by method and status alone. */
function quietLogger({ log }: ApiDeps): FastifyBaseLogger {
  return log.child(
    {},
    {
      serializers: {
        req: ({ method }: { method?: string }) => ({ method }),
        res: ({ statusCode }: { statusCode?: number }) => ({ statusCode }),
        err: ({ name, code }: { name?: string; code?: string }) => ({ name, code }),
      },
    },
  );
}
