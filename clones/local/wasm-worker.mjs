/**
 * One site's PHP in WebAssembly and its HTTP server, in a thread of their own: `new Worker("wasm-worker.mjs", { workerData })`.
 *
 * It is plain JavaScript because a thread starts without the loader that reads TypeScript. One request is answered after
 * the other, as there is one PHP: a page that calls its own site while it answers gets no answer.
 */
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { parentPort, workerData } from "node:worker_threads";

const { packages, wordpress, folder, scripts, host, port, url, ini, environment, longestBody } = workerData;
const modules = (name) => import(pathToFileURL(join(packages, "node_modules", "@php-wasm", name, "index.js")).href);
const [{ loadNodeRuntime, createNodeFsMountHandler }, { PHP, setPhpIniEntries }] = await Promise.all([
  modules("node"),
  modules("universal"),
]);

const VERSION = "8.3";
/** PHP in WebAssembly gives memory back only with its end; then a new one takes over, between two requests. */
const REQUESTS_OF_A_PHP = 400;
const PLACES = { wordpress: "/wordpress", site: "/site", scripts: "/loomworks" };
const env = {
  ...environment,
  CLONES_CORE: `${PLACES.wordpress}/core`,
  CLONES_SITE: PLACES.site,
  CLONES_URL: url,
};

// Locks of files are told apart by this id, so each thread needs one of its own; the port is.
const runtime = () => loadNodeRuntime(VERSION, { emscriptenOptions: { processId: port } });
let php = await start();
let turn = Promise.resolve();

async function start() {
  const made = new PHP(await runtime());
  await setPhpIniEntries(made, ini);
  for (const [place, real] of Object.entries({ wordpress, site: folder, scripts })) {
    made.mkdir(PLACES[place]);
    await made.mount(PLACES[place], createNodeFsMountHandler(real));
  }
  made.enableRuntimeRotation({ recreateRuntime: runtime, maxRequests: REQUESTS_OF_A_PHP });
  return made;
}

/** One after the other; a PHP that broke down is replaced. */
function inTurn(work) {
  const mine = turn.then(() => work());
  turn = mine.catch(async () => {
    php = await start();
  });
  return mine;
}

async function bodyOf(request) {
  const parts = [];
  let length = 0;
  for await (const part of request) {
    length += part.length;
    if (length > longestBody) return undefined;
    parts.push(part);
  }
  return Buffer.concat(parts);
}

/** Until who asked has taken what was written, or is gone. */
async function room(response) {
  const over = new AbortController();
  await Promise.race(["drain", "close"].map((event) => once(response, event, { signal: over.signal })));
  over.abort();
}

async function answer(request, response) {
  const body = await bodyOf(request);
  if (body === undefined) {
    response.writeHead(413, { connection: "close" }).end();
    return;
  }
  await inTurn(async () => {
    const [, port = ""] = (request.headers.host ?? "").split(":");
    const told = await php.runStream({
      scriptPath: `${PLACES.scripts}/router.php`,
      relativeUri: request.url,
      method: request.method,
      protocol: "HTTP/1.1",
      headers: Object.fromEntries(
        Object.entries(request.headers).map(([name, value]) => [name, [value].flat().join(", ")]),
      ),
      env,
      $_SERVER: {
        REMOTE_ADDR: "127.0.0.1",
        SERVER_PORT: port,
        REQUEST_URI: request.url,
        QUERY_STRING: request.url.split("?")[1] ?? "",
      },
      ...(body.length === 0 ? {} : { body }),
    });
    // PHP must come to its end whatever becomes of who asked.
    const errors = told.stderrText;
    const status = await told.httpStatusCode;
    response.writeHead(status, await told.headers);
    for await (const { buffer, byteOffset, byteLength } of told.stdout) {
      const part = Buffer.from(buffer, byteOffset, byteLength);
      if (!response.write(part) && !response.destroyed) await room(response);
    }
    response.end();
    const exit = await told.exitCode;
    const said = await errors;
    if (said !== "" || exit !== 0) parentPort.postMessage({ log: `${request.method} ${request.url}: ${exit} ${said}` });
  });
}

/** Runs one PHP file; its output. */
async function run(file, input) {
  const script = await readFile(file);
  return await inTurn(async () => {
    php.writeFile("/loomworks-run.php", script);
    php.writeFile("/loomworks-input.json", JSON.stringify(input));
    const { text, errors } = await php.run({
      scriptPath: `${PLACES.scripts}/run.php`,
      env: { ...env, CLONES_RUN: "/loomworks-run.php", CLONES_INPUT: "/loomworks-input.json" },
    });
    return { output: text, errors };
  });
}

const server = createServer((request, response) => {
  answer(request, response).catch((error) => {
    parentPort.postMessage({ log: `${request.method} ${request.url}: ${error.message}` });
    if (response.headersSent) response.destroy();
    else response.writeHead(500).end();
  });
});
server.once("error", (error) => {
  throw error;
});
server.listen(port, host, () => parentPort.postMessage({ ready: true }));

parentPort.on("message", async ({ id, file, input }) => {
  try {
    parentPort.postMessage({ id, ...(await run(file, input)) });
  } catch (error) {
    parentPort.postMessage({ id, output: "", errors: error.message });
  }
});
