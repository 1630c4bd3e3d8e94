/**
 * docs/api: the OpenAPI document and a Postman collection made from it. `--check` writes nothing, and fails where what is
 * committed isn't what the routes give.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import converter from "openapi-to-postmanv2";
import pino from "pino";
import { runCommand, UsageError } from "../../constructs/shared/cli";
import { InvalidInputError } from "../../constructs/shared/problems";
import { systemClock } from "../provisioner/clock";
import { buildApi } from "./app";
import type { ApiDeps } from "./deps";

const FOLDER = resolve(__dirname, "../../docs/api");
const USAGE = "npm run openapi [-- --check]";

/** Where the collection's requests go until somebody sets its variable. */
const BASE_URL = "http://localhost:8000";

/** Any UUID; the same each time, so that an import replaces the one before. */
const COLLECTION_ID = "6f1c1d0e-5c3b-4c57-9d0b-2f0a1b7e4a10";

/** Both files by their names. */
export async function renderApiDocuments(): Promise<Readonly<Record<string, string>>> {
  const openapi = await openApiDocument();
  const postman = await postmanCollection(openapi);
  return { "openapi.json": textOf(openapi), "postman.json": textOf(postman) };
}

/** What the routes say of themselves; nothing behind them is asked. */
async function openApiDocument(): Promise<object> {
  const nothing = {} as never;
  const deps: ApiDeps = {
    jobs: nothing,
    queue: nothing,
    directory: nothing,
    keys: nothing,
    vault: nothing,
    platformSecret: new Uint8Array(32),
    urlPolicy: {},
    log: pino({ level: "silent" }),
    clock: systemClock,
    randomBytes: (size) => new Uint8Array(size),
    publicUrl: BASE_URL,
  };
  const app = await buildApi(deps);
  await app.ready();
  const document = app.swagger();
  await app.close();
  return document;
}

async function postmanCollection(openapi: object): Promise<object> {
  const options = {
    folderStrategy: "Tags",
    parametersResolution: "Example",
    schemaFaker: false,
    includeDeprecated: true,
  } as const;
  // The converter changes what it is given.
  const data = structuredClone(openapi);
  const collection = await new Promise<object>((done, failed) => {
    converter.convertV2({ type: "json", data }, options, (error, outcome) => {
      const [first] = outcome?.output ?? [];
      if (error !== null || outcome?.result !== true || first === undefined) {
        failed(new Error(outcome?.reason ?? "the converter made nothing", { cause: error }));
      } else done(first.data);
    });
  });
  const { info, ...rest } = settled(collection) as { info: object };
  return { info: { ...info, _postman_id: COLLECTION_ID }, ...rest };
}

/**
 * The same each time: without ids and made-up answers, which are chance. What may be left away is there, empty and
 * switched off, for whoever wants to fill it in.
 */
function settled(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(settled);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(([name, one]) => !(isId(name) && typeof one === "string"));
  return Object.fromEntries(
    entries.map(([name, one]) => {
      if (name === "response") return [name, []];
      const isOptional = name === "query" || name === "header";
      return [name, isOptional && Array.isArray(one) ? one.map(switchedOff) : settled(one)];
    }),
  );
}

interface Parameter {
  readonly key: string;
}

/** Headers that Postman writes itself have a capital letter; those of ours, and all queries, may be left away. */
function switchedOff(parameter: Parameter): object {
  if (/^[A-Z]/.test(parameter.key)) return parameter;
  return { ...parameter, value: "", disabled: true };
}

function isId(name: string): boolean {
  return name === "id" || name === "_postman_id";
}

function textOf(document: object): string {
  return `${JSON.stringify(document, null, 2)}\n`;
}

async function main(args: readonly string[]): Promise<number> {
  if (args.length > 1 || (args.length === 1 && args[0] !== "--check")) throw new UsageError(USAGE);
  const files = Object.entries(await renderApiDocuments());
  if (args[0] === "--check") {
    const stale = files.filter(([name, text]) => !existsSync(join(FOLDER, name)) || read(name) !== text);
    if (stale.length > 0) throw drift(stale.map(([name]) => `docs/api/${name}`));
    return 0;
  }
  mkdirSync(FOLDER, { recursive: true });
  for (const [name, text] of files) writeFileSync(join(FOLDER, name), text);
  return 0;
}

function read(name: string): string {
  return readFileSync(join(FOLDER, name), "utf8");
}

function drift(paths: readonly string[]): InvalidInputError {
  return new InvalidInputError(
    paths.map((path) => ({
      code: "API_DRIFT",
      path,
      value: "other content",
      reason: "it isn't what the routes give",
      remedy: "Run `npm run openapi`, and review the diff",
    })),
  );
}

if (require.main === module) runCommand(() => main(process.argv.slice(2)));
