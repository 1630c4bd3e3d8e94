/** Images as files: a real node takes them from there, without any registry. */
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findImageTool, ImageTool } from "../../clones/image/tool";
import { withLock } from "../../clones/local/lock";
import { Report, toStandardError } from "../cluster/build/builder";
import { cacheFolder } from "../cluster/build/cache";
import { keyOf } from "./key";
import { storyImages } from "./names";
import { ImageSource, isOwn, Recipe, recipeFor } from "./recipes";
import { isReachable } from "./registry";
import { run, succeeds } from "./run";

export interface ProvidedImage {
  /** As pods name it. */
  readonly name: string;
  /** A docker-archive. */
  readonly archive: string;
  readonly bytes: number;
  readonly source: ImageSource;
}

/** Of one image: this one, and those of branches that come and go. */
const KEPT_ARCHIVES = 3;

/**
 * Archives of images, built where the cache has none.
 *
 * @param names full ones. @default all that the pods of `dist/staging` name
 * @throws {InvalidInputError} IMAGE_TOOL_MISSING, IMAGE_UNKNOWN, IMAGE_MIRROR, IMAGE_BUILD
 */
export async function provideImages(
  names: readonly string[] = storyImages(),
  report: Report = toStandardError,
): Promise<ProvidedImage[]> {
  const provider = new Provider(report);
  const provided: ProvidedImage[] = [];
  // One after the other: each build takes the whole machine.
  for (const name of names) provided.push(await provider.provide(name));
  return provided;
}

/** Where each image would come from and lie, without building any. */
export async function planImages(names: readonly string[] = storyImages()): Promise<PlannedImage[]> {
  return await Promise.all(names.map(plan));
}

/** Folder of the archives. */
export function archiveFolder(): string {
  return join(cacheFolder(), "images");
}

export interface PlannedImage {
  readonly name: string;
  readonly source: ImageSource;
  /** There is no such file before it was built. */
  readonly archive: string;
  /** Name that no other content has. */
  readonly tag: string;
  readonly recipe?: Recipe;
}

class Provider {
  private foundTool: ImageTool | undefined;

  constructor(private readonly report: Report) {}

  async provide(name: string): Promise<ProvidedImage> {
    const planned = await plan(name);
    const { archive, source } = planned;
    if (!isThere(archive)) await this.makeOnce(planned);
    const now = new Date();
    utimesSync(archive, now, now);
    return { name, archive, bytes: statSync(archive).size, source };
  }

  private get tool(): ImageTool {
    this.foundTool ??= findImageTool();
    return this.foundTool;
  }

  private async makeOnce(planned: PlannedImage): Promise<void> {
    mkdirSync(archiveFolder(), { recursive: true });
    const waiting = (holder: string) => this.report(`Waiting for ${holder}, which is building ${planned.name}.`);
    await withLock(`${planned.archive}.lock`, waiting, async () => {
      if (!isThere(planned.archive)) await this.make(planned);
    });
  }

  private async make(planned: PlannedImage): Promise<void> {
    const { name, tag, archive, recipe, source } = planned;
    const bases = await this.prepareBases(recipe);
    const started = Date.now();
    this.report(source === "registry" ? `Pulling ${name}` : `Building ${name} (${source})`);
    if (recipe === undefined) await this.run(this.tool.pull(name));
    else await this.build(recipe, [name, tag], bases);
    const beside = `${archive}.${process.pid}`;
    try {
      await this.run(this.tool.save(name, beside));
      renameSync(beside, archive);
    } finally {
      rmSync(beside, { force: true });
    }
    prune(archive);
    const megabytes = Math.round(statSync(archive).size / 1e6);
    this.report(`  ${name}: ${megabytes} MB in ${Math.round((Date.now() - started) / 1000)} s`);
  }

  /** @returns what the Dockerfile's arguments are to name */
  private async prepareBases(recipe: Recipe | undefined): Promise<Record<string, string>> {
    const tags: Record<string, string> = {};
    for (const [argument, name] of Object.entries(recipe?.bases ?? {})) {
      const { archive } = await this.provide(name);
      const { tag } = await plan(name);
      if (!(await succeeds(this.tool.name, this.tool.inspect(tag)))) {
        await this.run(this.tool.load(archive));
        if (tag !== name) await this.run(this.tool.rename(name, tag));
      }
      tags[argument] = tag;
    }
    return tags;
  }

  private async build(recipe: Recipe, tags: readonly string[], bases: Readonly<Record<string, string>>): Promise<void> {
    const workshop = mkdtempSync(join(tmpdir(), "loomworks-image-"));
    try {
      const context = join(workshop, "context");
      mkdirSync(context);
      const prepared = await recipe.prepare(context);
      const args = { ...prepared.args, ...bases };
      await this.run(this.tool.build({ ...prepared, args, tags, basesAreHere: true }));
    } finally {
      rmSync(workshop, { recursive: true, force: true });
    }
  }

  private async run(args: readonly string[]): Promise<void> {
    await run(this.tool.name, args);
  }
}

async function plan(name: string): Promise<PlannedImage> {
  const slug = name.replace(/[^a-z0-9.]+/gi, "-");
  const file = (source: ImageSource, key: string) => join(archiveFolder(), `${slug}.${source}.${key}.tar`);
  if (!isOwn(name) && (await isReachable(name))) {
    return { name, source: "registry", archive: file("registry", keyOf({ paths: {}, words: [name] })), tag: name };
  }
  const recipe = recipeFor(name);
  const { source } = recipe;
  const key = await keyOfRecipe(recipe);
  const tag = `localhost/loomworks-platform/built:${slug.slice(-80)}-${key}`;
  return { name, source, archive: file(source, key), tag, recipe };
}

async function keyOfRecipe({ name, bases, ingredients }: Recipe): Promise<string> {
  const { paths, words } = ingredients();
  const plans = await Promise.all(Object.values(bases).map(plan));
  return keyOf({ paths, words: [name, ...words, ...plans.map(({ tag }) => tag)] });
}

function isThere(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false }) !== undefined;
}

/** Removes what was made of the same image before, but for the last used. */
function prune(archive: string): void {
  const folder = archiveFolder();
  const [, image = ""] = /([^/]*)\.[0-9a-f]+\.tar$/.exec(archive) ?? [];
  const siblings = readdirSync(folder)
    .filter((file) => file.startsWith(`${image}.`) && file.endsWith(".tar"))
    .map((file) => ({ path: join(folder, file), used: statSync(join(folder, file)).mtimeMs }))
    .sort((a, b) => b.used - a.used);
  for (const { path } of siblings.slice(KEPT_ARCHIVES)) rmSync(path, { force: true });
}
