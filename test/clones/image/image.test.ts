import { existsSync, readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { imageBuild, IMAGE_NAMES, ImageName, imageTag, readArguments } from "../../../clones/image/image";
import { IMAGES, WORDPRESS } from "../../../constructs/versions";

const FOLDER = resolve(__dirname, "../../../clones/image");
const FOLDERS: Readonly<Record<ImageName, string>> = { service: FOLDER, wordpress: join(FOLDER, "wordpress") };
const dockerfileOf = (image: ImageName) => readFileSync(join(FOLDERS[image], "Dockerfile"), "utf8");
const lastStageOf = (image: ImageName) => dockerfileOf(image).slice(dockerfileOf(image).lastIndexOf("\nFROM "));

describe.each(IMAGE_NAMES)("The image of %s", (image) => {
  const dockerfile = dockerfileOf(image);

  it("names no version by itself, in neither of its two stages", () => {
    const bases = [...dockerfile.matchAll(/^FROM (\S+)/gm)].map(([, base]) => base);
    expect(bases).toHaveLength(2);
    for (const base of bases) expect(base).toMatch(/^\$\{(NODE|WORDPRESS)_IMAGE\}$/);
    expect(dockerfile).not.toMatch(/(node|wordpress|studio)[:@]\d/);
  });

  it("is given every argument that it declares, and no other", () => {
    const declared = [...dockerfile.matchAll(/^ARG (\S+)$/gm)].map(([, name]) => name);
    const { args = {} } = imageBuild(image, {});
    expect(Object.keys(args).sort()).toEqual([...new Set(declared)].sort());
    expect(args.NODE_IMAGE).toBe(IMAGES.node);
  });

  it("is told of nothing but what its build reads, all of which is there", () => {
    const lines = readFileSync(join(FOLDERS[image], "Dockerfile.dockerignore"), "utf8").split("\n");
    const rules = lines.filter((line) => line !== "" && !line.startsWith("#"));
    expect(rules[0]).toBe("*");
    const seen = rules.slice(1).map((rule) => rule.slice(1));
    const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, what]) => what!.split(" "));
    for (const what of copied) expect(seen.some((rule) => `${what}/`.startsWith(`${rule}/`))).toBe(true);
    for (const rule of seen) expect(copied.some((what) => `${what}/`.startsWith(`${rule}/`))).toBe(true);
    const { context } = imageBuild(image, {});
    for (const rule of seen) expect([rule, existsSync(join(context, rule))]).toEqual([rule, true]);
  });

  it("ends as nobody special", () => {
    expect(lastStageOf(image)).toMatch(/^USER (1000:1000|33:33)$/m);
  });
});

describe("The image of the service", () => {
  it("is built under the name that the manifests run, with the bundle alone", () => {
    expect(imageBuild("service", { registry: "ghcr.io/acme" }).tags).toEqual([`ghcr.io/acme/${IMAGES.cloneService}`]);
    expect(imageTag("service", { wordpress: "6.4" })).toBe(IMAGES.cloneService);
    expect([...lastStageOf("service").matchAll(/^COPY (.+)$/gm)].map(([, what]) => what)).toEqual([
      "--from=build /out ./",
    ]);
  });
});

describe("The image of a clone", () => {
  const last = lastStageOf("wordpress");

  it("is built on the current WordPress, or on the documents'", () => {
    const current = imageBuild("wordpress", {});
    expect(current.args).toMatchObject({ WORDPRESS_IMAGE: WORDPRESS.images.current });
    expect(current.tags).toEqual([IMAGES.wordpressClone]);
    const old = imageBuild("wordpress", { wordpress: "6.4", registry: "ghcr.io/acme" });
    expect(old.args).toMatchObject({ WORDPRESS_IMAGE: "docker.io/library/wordpress:6.4-apache" });
    expect(old.tags).toEqual([`ghcr.io/acme/${IMAGES.wordpressClone}-wordpress6.4`]);
  });

  it("starts with an entrypoint that isn't named as the official one, nor put in its place", () => {
    expect(last).toMatch(/^ENTRYPOINT \["clone-entrypoint.sh"\]$/m);
    expect(last).toMatch(/^CMD \["apache2-foreground"\]$/m);
    expect(last).not.toMatch(/docker-entrypoint\.sh/);
    expect(statSync(join(FOLDERS.wordpress, "library/clone-entrypoint.sh")).mode & 0o111).toBe(0o111);
  });

  it("has the plugin where no volume hides it, with a loader, as WordPress loads no folders", () => {
    const places = [...last.matchAll(/^COPY \S+ (\/usr\/src\/\S+)$/gm)].map(([, place]) => place);
    expect(places).toEqual([
      "/usr/src/wordpress/wp-content/mu-plugins/custom-migrator/",
      "/usr/src/wordpress/wp-content/mu-plugins/custom-migrator.php",
    ]);
    expect(last).not.toMatch(/^COPY .*\/var\/www/m);
  });
});

describe("The command", () => {
  it("builds both images, or the one that is asked for", () => {
    expect(readArguments([]).images).toEqual(["service", "wordpress"]);
    expect(readArguments(["--only", "wordpress", "--wordpress", "6.4"])).toMatchObject({
      images: ["wordpress"],
      options: { wordpress: "6.4" },
    });
  });

  it.each([[["--only", "mysql"]], [["--wordpress", "5.0"]], [["--tag", "x"]]])("refuses %j with its usage", (args) => {
    expect(() => readArguments(args)).toThrow(/Usage: image\.ts/);
  });
});
