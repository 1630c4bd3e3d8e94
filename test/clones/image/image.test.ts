import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { buildArguments, imageTag } from "../../../clones/image/image";
import { IMAGES } from "../../../constructs/versions";

const FOLDER = resolve(__dirname, "../../../clones/image");
const dockerfile = readFileSync(join(FOLDER, "Dockerfile"), "utf8");

describe("The image of the service", () => {
  it("is built on the pinned Node, under the name that the manifests run", () => {
    const args = buildArguments({ registry: "ghcr.io/acme" });
    expect(args).toContain(`NODE_IMAGE=${IMAGES.node}`);
    expect(args.slice(args.indexOf("--tag"))[1]).toBe(`ghcr.io/acme/${IMAGES.cloneService}`);
    expect(imageTag({})).toBe(IMAGES.cloneService);
  });

  it("names no version by itself, in neither of its two stages", () => {
    const bases = [...dockerfile.matchAll(/^FROM (\S+)/gm)].map(([, base]) => base);
    expect(bases).toEqual(["${NODE_IMAGE}", "${NODE_IMAGE}"]);
    expect(dockerfile).not.toMatch(/node:\d/);
  });

  it("ends as nobody special, with the bundle alone", () => {
    const last = dockerfile.slice(dockerfile.lastIndexOf("FROM "));
    expect(last).toMatch(/^USER 1000:1000$/m);
    expect([...last.matchAll(/^COPY (.+)$/gm)].map(([, what]) => what)).toEqual(["--from=build /out ./"]);
  });

  it("is told of nothing but what its build reads", () => {
    const lines = readFileSync(join(FOLDER, "Dockerfile.dockerignore"), "utf8").split("\n");
    const rules = lines.filter((line) => line !== "" && !line.startsWith("#"));
    expect(rules[0]).toBe("*");
    const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, what]) => what!.split(" "));
    expect(rules.slice(1).map((rule) => rule.slice(1))).toEqual(expect.arrayContaining(copied));
    expect(rules).toHaveLength(copied.length + 1);
  });
});
