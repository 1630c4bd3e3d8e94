/**
 * Builds the image of the clone service on the pinned Node: `npx tsx clones/image/image.ts [--registry HOST/PATH] [--print]`.
 * Pushing it is CI's: `docker push` with the name that this prints.
 */
import { spawnSync } from "node:child_process";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { runCommand, UsageError } from "../../constructs/shared/cli";
import { IMAGES } from "../../constructs/versions";

const ROOT = resolve(__dirname, "../..");

export interface ImageOptions {
  /** Stands before the name, as in `ghcr.io/acme`. @default none: for this machine alone */
  readonly registry?: string;
}

/** Name and tag of the image. */
export function imageTag({ registry }: ImageOptions): string {
  return registry === undefined ? IMAGES.cloneService : `${registry}/${IMAGES.cloneService}`;
}

/** Arguments of docker, or of anything that understands them. */
export function buildArguments(options: ImageOptions): string[] {
  const file = join(ROOT, "clones", "image", "Dockerfile");
  return ["build", "--file", file, "--build-arg", `NODE_IMAGE=${IMAGES.node}`, "--tag", imageTag(options), ROOT];
}

function main(): number {
  const { registry, print } = readArguments();
  const args = buildArguments({ ...(registry !== undefined && { registry }) });
  if (print) {
    process.stdout.write(`docker ${args.join(" ")}\n`);
    return 0;
  }
  const { status } = spawnSync("docker", args, { stdio: "inherit", env: { ...process.env, DOCKER_BUILDKIT: "1" } });
  if (status === 0) process.stdout.write(`${imageTag({ ...(registry !== undefined && { registry }) })}\n`);
  return status ?? 1;
}

function readArguments() {
  try {
    const options = { registry: { type: "string" }, print: { type: "boolean", default: false } } as const;
    return parseArgs({ options }).values;
  } catch (error) {
    throw new UsageError(`${(error as Error).message}\nUsage: image.ts [--registry HOST/PATH] [--print]`);
  }
}

if (require.main === module) runCommand(main);
