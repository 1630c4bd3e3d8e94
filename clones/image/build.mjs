/**
 * Bundles the service's processes, each into one file: `node clones/image/build.mjs OUT [NAME…]`. What is in OUT runs by
 * Node alone, without node_modules.
 *
 * SQLite is the embedded mode's, and native; in its place stands a module that says so to whoever asks for it.
 */
import { cp, mkdir, readFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "../..");

/** Files below clones/: what Deployments, Jobs and CronJobs in clones/templates run, and operators' own commands. */
export const PROCESSES = ["server", "worker", "warm-pool", "migrate", "cleaner", "cli/main"];

const WITHOUT_SQLITE = {
  name: "without-sqlite",
  setup(build) {
    build.onResolve({ filter: /^libsql$/ }, () => ({ path: "libsql", namespace: "absent" }));
    build.onLoad({ filter: /.*/, namespace: "absent" }, () => ({
      contents: `module.exports = class { constructor() { throw new Error("This image has no SQLite; give JOBS_DATABASE_HOST"); } };`,
    }));
  },
};

/** The OpenAPI page looks for its scripts and styles beside its own package's code; in a bundle that is the bundle's folder. */
const PAGE_BESIDE_BUNDLE = {
  name: "page-beside-bundle",
  setup(build) {
    build.onLoad({ filter: /@fastify[\\/]swagger-ui[\\/]lib[\\/]routes\.js$/ }, async ({ path }) => {
      const text = await readFile(path, "utf8");
      const there = "path.join(__dirname, '..', 'static')";
      if (!text.includes(there)) throw new Error(`${path} no longer reads ${there}: see where its page comes from now`);
      return { contents: text.replaceAll(there, "path.join(__dirname, 'static')") };
    });
  },
};

/** @param {string} out folder, made if need be @param {readonly string[]} names of the processes */
export async function bundle(out, names = PROCESSES) {
  await mkdir(out, { recursive: true });
  await build({
    absWorkingDir: ROOT,
    entryPoints: names.map((name) => join(ROOT, "clones", `${name}.ts`)),
    outdir: out,
    outbase: join(ROOT, "clones"),
    bundle: true,
    platform: "node",
    format: "cjs",
    // The oldest that package.json admits.
    target: "node20.19",
    plugins: [WITHOUT_SQLITE, PAGE_BESIDE_BUNDLE],
    // Names in stacks and logs stay as they were written.
    keepNames: true,
    legalComments: "linked",
    logLevel: "warning",
    define: { "import.meta.url": "__bundle_url" },
    banner: { js: 'const __bundle_url = require("node:url").pathToFileURL(__filename).href;' },
  });
  await copyPageOfApi(out);
  await copyPlugin(out);
  // Beside the bundle, as beside clones/console-files.ts.
  await cp(join(ROOT, "clones/console"), join(out, "console"), { recursive: true });
}

/** What the worker uploads to sites, at the place where it finds it in the sources too. */
async function copyPlugin(out) {
  await cp(join(ROOT, "clones/image/custom-migrator"), join(out, "image/custom-migrator"), { recursive: true });
}

async function copyPageOfApi(out) {
  const page = dirname(createRequire(import.meta.url).resolve("@fastify/swagger-ui/package.json"));
  await cp(join(page, "static"), join(out, "static"), { recursive: true });
}

const [, script = "", out, ...names] = process.argv;
if (resolve(script) === fileURLToPath(import.meta.url)) {
  if (out === undefined) throw new Error("Usage: node clones/image/build.mjs OUT [NAME…]");
  await bundle(resolve(out), names.length > 0 ? names : PROCESSES);
}
