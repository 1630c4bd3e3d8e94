/**
 * Builds our images on what is pinned: the clone service's, and a clone's WordPress.
 *
 *     npx tsx clones/image/image.ts [--registry HOST/PATH] [--only service|wordpress] [--wordpress current|6.4] [--print]
 *
 * By docker, podman or buildah, whichever works here. Pushing them is CI's: with the names that this prints.
 */
import { spawnSync } from "node:child_process";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { runCommand, UsageError } from "../../constructs/shared/cli";
import { IMAGES, WORDPRESS } from "../../constructs/versions";
import { npmSecrets } from "./npm-secrets";
import { findImageTool, ImageBuild } from "./tool";

const ROOT = resolve(__dirname, "../..");
const FOLDER = join(ROOT, "clones", "image");

export const IMAGE_NAMES = ["service", "wordpress"] as const;
export type ImageName = (typeof IMAGE_NAMES)[number];
export type WordPressVersion = keyof typeof WORDPRESS.images;

export interface ImageOptions {
  /** Stands before the name, as in `ghcr.io/acme`. @default none: for this machine alone */
  readonly registry?: string;
  /** WordPress that clones run. Another than the current one stands in the tag. @default "current" */
  readonly wordpress?: WordPressVersion;
}

/** Name and tag of an image, as the setting `clones.images` wants it. */
export function imageTag(image: ImageName, { registry, wordpress = "current" }: ImageOptions): string {
  const ending = image === "wordpress" && wordpress !== "current" ? `-wordpress${wordpress}` : "";
  const name = `${image === "service" ? IMAGES.cloneService : IMAGES.wordpressClone}${ending}`;
  return registry === undefined ? name : `${registry}/${name}`;
}

/** What an image is built of. */
export function imageBuild(image: ImageName, options: ImageOptions): ImageBuild {
  const { file, context, args } = SOURCES[image](options);
  return { file, context, args: { NODE_IMAGE: IMAGES.node, ...args }, tags: [imageTag(image, options)] };
}

interface Source {
  readonly file: string;
  /** Folder that the build sees. */
  readonly context: string;
  readonly args: Readonly<Record<string, string>>;
}

const SOURCES: Readonly<Record<ImageName, (options: ImageOptions) => Source>> = {
  service: () => ({ file: join(FOLDER, "Dockerfile"), context: ROOT, args: {} }),
  wordpress: ({ wordpress = "current" }) => ({
    file: join(FOLDER, "wordpress", "Dockerfile"),
    context: FOLDER,
    args: {
      WORDPRESS_IMAGE: WORDPRESS.images[wordpress],
      WORDPRESS_FILES: WORDPRESS.files.package,
      WORDPRESS_FILES_SHA512: WORDPRESS.files.sha512,
    },
  }),
};

function main(): number {
  const { images, options, print } = readArguments();
  const tool = findImageTool();
  const secrets = npmSecrets();
  for (const image of images) {
    const args = tool.build({ ...imageBuild(image, options), secrets });
    if (print) {
      process.stdout.write(`${tool.name} ${args.join(" ")}\n`);
      continue;
    }
    const { status } = spawnSync(tool.name, args, { stdio: "inherit", env: { ...process.env, DOCKER_BUILDKIT: "1" } });
    if (status !== 0) return status ?? 1;
    process.stdout.write(`${imageTag(image, options)}\n`);
  }
  return 0;
}

/** @throws {UsageError} */
export function readArguments(args: readonly string[] = process.argv.slice(2)) {
  const usage = (message: string) =>
    new UsageError(
      `${message}\nUsage: image.ts [--registry HOST/PATH] [--only ${IMAGE_NAMES.join("|")}] ` +
        `[--wordpress ${Object.keys(WORDPRESS.images).join("|")}] [--print]`,
    );
  const { registry, only, wordpress, print } = parsed(args, usage);
  const image = IMAGE_NAMES.find((name) => name === only);
  if (only !== undefined && image === undefined) throw usage(`--only ${only}: there is no such image`);
  if (!(wordpress in WORDPRESS.images)) throw usage(`--wordpress ${wordpress}: no image of it is pinned`);
  const options: ImageOptions = {
    wordpress: wordpress as WordPressVersion,
    ...(registry !== undefined && { registry }),
  };
  return { images: image === undefined ? IMAGE_NAMES : [image], options, print };
}

function parsed(args: readonly string[], usage: (message: string) => UsageError) {
  const options = {
    registry: { type: "string" },
    only: { type: "string" },
    wordpress: { type: "string", default: "current" },
    print: { type: "boolean", default: false },
  } as const;
  try {
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    throw usage((error as Error).message);
  }
}

if (require.main === module) runCommand(main);
