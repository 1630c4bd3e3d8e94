import { PROJECT, readSettings } from "../../../constructs/settings";
import { ProjectCopy } from "../../support/pulumi-project";
import { differences, tell, writeDifferences } from "./small-machine";

const at = (address: string) => ({ apiServer: { address, port: 6443 }, pod: "10.244.1.17" });

describe("The settings of a small machine", () => {
  it("are settings, which the schema takes with the rest of staging's", () => {
    const copy = new ProjectCopy();
    try {
      copy.configure("staging", [`${PROJECT}:target`], "local");
      writeDifferences(copy, differences(at("172.18.0.2")));
      const { clones, loomworks } = readSettings("staging", copy.root);
      expect(clones.apiServer).toEqual({ network: "172.18.0.2/32", port: 6443 });
      expect(clones.sharedDatabase.network).toBe("10.244.0.0/16");
      expect(clones.service.allowPrivateSources).toBe(true);
      expect(loomworks.odoo.firstDatabase).toBe("acme");
    } finally {
      copy.remove(".");
    }
  });

  it("name no network of the API server where that is a public address, which the setting doesn't take", () => {
    const made = differences(at("203.0.113.7")).map(({ setting }) => setting);
    expect(made).toContain("clones.apiServer.port");
    expect(made).not.toContain("clones.apiServer.network");
  });

  it("are told with a reason each", () => {
    const lines = tell(differences({})).split("\n").slice(1);
    expect(lines.length).toBeGreaterThan(4);
    expect(lines.filter((line) => !/^ {2}[\w.]+: \S+ \(.{10,}\)$/.test(line))).toEqual([]);
  });
});
