import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { PROJECT, SETTING_KEYS, settingsSchema, STACKS } from "../../constructs/settings";
import { REPOSITORY } from "../support/pulumi-project";

const project = parse(readFileSync(join(REPOSITORY, "Pulumi.yaml"), "utf8"));

describe("[PLAT-10] Pulumi.yaml", () => {
  it("names the project that the settings belong to, and the program of the package", () => {
    const { main } = JSON.parse(readFileSync(join(REPOSITORY, "package.json"), "utf8"));
    expect(project).toMatchObject({ name: PROJECT, main });
  });

  it("declares every setting, and no other", () => {
    expect(Object.keys(project.config).sort()).toEqual([...SETTING_KEYS].sort());
  });

  it.each(SETTING_KEYS)("declares the type, the meaning and the default of %s as the schema does", (key) => {
    const { properties } = z.toJSONSchema(settingsSchema, { io: "input" }) as any;
    expect(project.config[key]).toMatchObject({ type: properties[key].type, default: properties[key].default });
    expect(project.config[key].description).toContain(properties[key].description);
  });
});

describe.each(STACKS)("Pulumi.%s.yaml", (stack) => {
  it("lets no resource through that forgot its provider", () => {
    const { config } = parse(readFileSync(join(REPOSITORY, `Pulumi.${stack}.yaml`), "utf8"));
    expect(config["pulumi:disable-default-providers"]).toEqual(["*"]);
  });
});
