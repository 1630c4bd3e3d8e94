import { IMAGES } from "../../constructs/versions";
import { imagesOf, LEFT_OUT, storyImages } from "./names";
import { isOwn, recipeFor } from "./recipes";

const object = (kind: string, rest: object) => ({ apiVersion: "v1", kind, metadata: { name: "x" }, ...rest });

describe("The images of manifests", () => {
  it("are those of all containers, however deep their pod stands", () => {
    const pod = { initContainers: [{ image: "init:1" }], containers: [{ image: "main:1" }, { image: "init:1" }] };
    const cronJob = object("CronJob", { spec: { jobTemplate: { spec: { template: { spec: pod } } } } });
    const template = object("ConfigMap", {
      data: { pod: JSON.stringify({ spec: { containers: [{ image: "warm:1" }] } }) },
    });
    const other = object("Rule", { spec: { image: "none:1", text: "{ no JSON" } });
    expect(imagesOf([cronJob, template, other])).toEqual(["init:1", "main:1", "warm:1"]);
  });

  it("are in a graph what its schema takes by default", () => {
    const template = { spec: { containers: [{ image: "${schema.spec.image}" }, { image: "mysql:1" }] } };
    const schema = { spec: { image: 'string | default="site:1" description="Image"' } };
    expect(imagesOf([object("ResourceGraphDefinition", { spec: { schema, resources: [{ template }] } })])).toEqual([
      "mysql:1",
      "site:1",
    ]);
  });
});

describe("The images of the story", () => {
  const names = storyImages();

  it("are all that dist/staging runs, but for the copies to somebody else's bucket", () => {
    const { postgres, odoo, redis, mysql, postgresExporter, redisExporter, nodeExporter } = IMAGES;
    expect(names).toEqual(
      expect.arrayContaining([postgres, odoo, redis, mysql, postgresExporter, redisExporter, nodeExporter]),
    );
    expect(names.filter(isOwn)).toHaveLength(2);
    expect(names).toHaveLength(9);
    expect(LEFT_OUT).toEqual([IMAGES.rclone]);
  });

  it.each(names)("can be made without a registry: %s", (name) => {
    const recipe = recipeFor(name);
    expect(recipe.source).toBe(isOwn(name) ? "project" : "stand-in");
    for (const base of Object.values(recipe.bases)) expect(recipeFor(base).source).toBe("stand-in");
  });

  it("are refused by name where nothing stands in for one", () => {
    expect(() => recipeFor("docker.io/library/nginx:1")).toThrow(
      /^IMAGE_UNKNOWN image: got "docker\.io\/library\/nginx:1"/,
    );
  });
});
