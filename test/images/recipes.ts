/** How each image is made: of what, on which bases, and by which Dockerfile. */
import { cpSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { ImageName, imageBuild } from "../../clones/image/image";
import { npmSecrets } from "../../clones/image/npm-secrets";
import type { ImageBuild } from "../../clones/image/tool";
import { IMAGES, WORDPRESS } from "../../constructs/versions";
import { aptSettings } from "./base";
import type { Ingredients } from "./key";
import { BASE_NAME, StandIn, standInFor } from "./stand-ins";

/** Where an image comes from: its registry, the project's own Dockerfile, or a stand-in of the same name. */
export type ImageSource = "registry" | "project" | "stand-in";

/** One image and everything that a build of it needs to know. */
export interface Recipe {
  /** Full name, with its tag. */
  readonly name: string;
  readonly source: Exclude<ImageSource, "registry">;
  /** Images that it is made on, by the Dockerfile's argument that names each. */
  readonly bases: Readonly<Record<string, string>>;
  /** Without its bases. */
  readonly ingredients: () => Ingredients;
  /**
   * What the tool is to be told.
   *
   * @param folder empty, and gone after the build
   */
  readonly prepare: (folder: string) => Promise<Omit<ImageBuild, "tags">>;
}

const STAND_INS = join(__dirname, "stand-ins");

/** The project's own, by what stands at their names' end: a registry may stand before it. */
const OWN: Readonly<Record<string, { readonly image: ImageName; readonly bases: Readonly<Record<string, string>> }>> = {
  [IMAGES.cloneService]: { image: "service", bases: { NODE_IMAGE: IMAGES.node } },
  [IMAGES.wordpressClone]: {
    image: "wordpress",
    bases: { NODE_IMAGE: IMAGES.node, WORDPRESS_IMAGE: WORDPRESS.images.current },
  },
};

/** Whether the project itself makes this image. */
export function isOwn(name: string): boolean {
  return ownOf(name) !== undefined;
}

/** @throws {ImageError} IMAGE_UNKNOWN */
export function recipeFor(name: string): Recipe {
  const own = ownOf(name);
  return own === undefined ? standInRecipe(name, standInFor(name)) : ownRecipe(name, own);
}

function ownOf(name: string) {
  return Object.entries(OWN).find(([ending]) => name === ending || name.endsWith(`/${ending}`))?.[1];
}

function ownRecipe(name: string, { image, bases }: (typeof OWN)[string]): Recipe {
  const build = imageBuild(image, {});
  return {
    name,
    source: "project",
    bases,
    ingredients: () => ({
      paths: { Dockerfile: build.file, ...contextOf(build) },
      words: Object.entries(build.args ?? {}).map((pair) => pair.join("=")),
    }),
    prepare: () => Promise.resolve({ ...build, secrets: npmSecrets() }),
  };
}

/** What a build sees, as its .dockerignore says: everything is left out but what is named with `!`. */
function contextOf({ file, context }: Pick<ImageBuild, "file" | "context">): Record<string, string> {
  const rules = readFileSync(`${file}.dockerignore`, "utf8").split("\n");
  const seen = rules.filter((rule) => rule.startsWith("!")).map((rule) => rule.slice(1));
  return Object.fromEntries(seen.map((path) => [path, resolve(context, path)]));
}

function standInRecipe(name: string, standIn: StandIn): Recipe {
  const { folder, args = {}, files = {}, staged, stage } = standIn;
  const dockerfiles = join(STAND_INS, folder);
  return {
    name,
    source: "stand-in",
    bases: name === BASE_NAME ? {} : { BASE: BASE_NAME },
    ingredients: () => ({
      paths: { ".": dockerfiles, ...files },
      words: [...Object.entries(args).map((pair) => pair.join("=")), ...(staged === undefined ? [] : [staged()])],
    }),
    prepare: async (context) => {
      const settings = aptSettings(join(context, ".."));
      cpSync(dockerfiles, context, { recursive: true });
      for (const [inner, path] of Object.entries(files)) cpSync(path, join(context, inner), { recursive: true });
      await stage?.(context);
      return { file: join(context, "Dockerfile"), context, args, secrets: { apt: settings } };
    },
  };
}
