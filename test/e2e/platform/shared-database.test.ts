import { readFileSync } from "node:fs";
import { join } from "node:path";
import { settingsSchema } from "../../../constructs/settings";
import { REPOSITORY } from "../../support/pulumi-project";
import { administratorSecret, sharedDatabase } from "./shared-database";

const { clones } = settingsSchema.parse({ target: "local" });
const encoded = (text: string) => Buffer.from(text).toString("base64");

describe("The database that clones share", () => {
  it("is where the settings say that it is", () => {
    const service = sharedDatabase(clones, "gp3").find(({ kind }) => kind === "Service")!;
    const { name, namespace } = service.metadata;
    expect(`${name}.${namespace!}.svc.cluster.local`).toBe(clones.sharedDatabase.host);
    expect(service.spec.ports[0].port).toBe(clones.sharedDatabase.port);
  });

  it("gives the administrator of the contract the rights that the runbook names, and no password to anybody else", () => {
    const secret = administratorSecret(clones, { user: encoded("clone_admin"), password: encoded("S3cret") });
    const statements = Buffer.from(secret.data["administrator.sql"], "base64").toString();
    const runbook = readFileSync(join(REPOSITORY, "docs", "runbook.md"), "utf8");
    const grants = [...runbook.matchAll(/^GRANT .*clone_admin.*;$/gm)].map(([grant]) => grant);
    expect(grants).toHaveLength(2);
    expect(grants.filter((grant) => !statements.includes(grant))).toEqual([]);
    expect(JSON.stringify(sharedDatabase(clones, "gp3"))).not.toContain("S3cret");
  });
});
