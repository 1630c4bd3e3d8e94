/** The program that builds images here, and how each of the three wants to be called. */
import { spawnSync } from "node:child_process";
import { InvalidInputError } from "../../constructs/shared/problems";

/** In the order in which they are looked for. */
export const IMAGE_TOOLS = ["docker", "podman", "buildah"] as const;
export type ImageToolName = (typeof IMAGE_TOOLS)[number];

/** Whether a command ends well. */
export type Succeeds = (program: string, args: readonly string[]) => boolean;

/** What an image is built of. */
export interface ImageBuild {
  /** Dockerfile. */
  readonly file: string;
  /** Folder that the build sees. */
  readonly context: string;
  /** Full names, each with its tag. */
  readonly tags: readonly string[];
  readonly args?: Readonly<Record<string, string>>;
  /** Files that single steps may read, by their id in the Dockerfile. No layer has them. */
  readonly secrets?: Readonly<Record<string, string>>;
  /** The bases are on this machine, and nowhere else. @default false */
  readonly basesAreHere?: boolean;
}

/** A daemon may hang rather than refuse. */
const PROBE_MILLISECONDS = 10_000;

/** One of the programs, as it works on this machine. */
export class ImageTool {
  constructor(
    readonly name: ImageToolName,
    private readonly common: readonly string[] = [],
  ) {}

  /** Arguments that build an image. */
  build({ file, context, tags, args = {}, secrets = {}, basesAreHere = false }: ImageBuild): string[] {
    return [
      ...this.common,
      ...(this.name === "buildah" ? ["bud", "--isolation", "chroot", "--layers"] : ["build"]),
      // Docker takes what is here without being told.
      ...(basesAreHere ? { docker: [], podman: ["--pull=never"], buildah: ["--pull-never"] }[this.name] : []),
      "--file",
      file,
      ...Object.entries(args).flatMap(([name, value]) => ["--build-arg", `${name}=${value}`]),
      ...Object.entries(secrets).flatMap(([id, source]) => ["--secret", `id=${id},src=${source}`]),
      ...tags.flatMap((tag) => ["--tag", tag]),
      context,
    ];
  }

  /** Arguments that write an image into a docker-archive. */
  save(tag: string, archive: string): string[] {
    const ways = {
      docker: ["save", "--output", archive, tag],
      podman: ["save", "--quiet", "--format", "docker-archive", "--output", archive, tag],
      buildah: ["push", "--quiet", tag, `docker-archive:${archive}:${tag}`],
    };
    return [...this.common, ...ways[this.name]];
  }

  /** Arguments that take an image out of a docker-archive, under its name there. */
  load(archive: string): string[] {
    const way =
      this.name === "buildah" ? ["pull", "--quiet", `docker-archive:${archive}`] : ["load", "--input", archive];
    return [...this.common, ...way];
  }

  /** Arguments that give an image one more name. */
  rename(tag: string, name: string): string[] {
    return [...this.common, "tag", tag, name];
  }

  /** Arguments that take an image from its registry. */
  pull(tag: string): string[] {
    return [...this.common, "pull", "--quiet", tag];
  }

  /** Arguments that fail if an image isn't on this machine. */
  inspect(tag: string): string[] {
    return [...this.common, ...(this.name === "buildah" ? ["inspect", "--type", "image"] : ["image", "inspect"]), tag];
  }
}

/**
 * The first of docker, podman and buildah that works here: Docker's client alone, without its daemon, doesn't.
 *
 * @throws {InvalidInputError} IMAGE_TOOL_MISSING
 */
export function findImageTool(succeeds: Succeeds = runs): ImageTool {
  for (const name of ["docker", "podman"] as const) {
    if (succeeds(name, ["info"])) return new ImageTool(name);
  }
  // Where layers can't lie over each other, as on some containers' own file systems, it copies them.
  for (const common of [[], ["--storage-driver", "vfs"]]) {
    if (succeeds("buildah", [...common, "info"])) return new ImageTool("buildah", common);
  }
  throw new InvalidInputError([
    {
      code: "IMAGE_TOOL_MISSING",
      path: IMAGE_TOOLS.join(", "),
      value: "none",
      reason: "none of them works on this machine, and one of them builds the images",
      remedy: "Start Docker's daemon, or install one (Debian: apt-get install buildah); buildah wants root",
    },
  ]);
}

function runs(program: string, args: readonly string[]): boolean {
  return spawnSync(program, args, { stdio: "ignore", timeout: PROBE_MILLISECONDS }).status === 0;
}
