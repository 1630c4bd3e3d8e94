import * as k8s from "@pulumi/kubernetes";
import * as random from "@pulumi/random";
import { CLONE_NAMESPACES, CLONE_PEPPER, CLONE_PLATFORM } from "../../constructs/contract";
import { createCloneData } from "../../infra/clones";
import { clonesSettings } from "../support/clone-charts";
import { register, Registration, revealed } from "../support/pulumi-mocks";

const NAMESPACES = Object.values(CLONE_NAMESPACES);

async function made(sharedDatabase: object = {}): Promise<Registration[]> {
  const program = () => {
    const providers = { kubernetes: new k8s.Provider("cluster", {}), random: new random.Provider("random", {}) };
    createCloneData(clonesSettings({ sharedDatabase }), { providers });
  };
  return await register(program, (type, name) =>
    type.endsWith("RandomPassword") ? { result: `made for ${name}` } : undefined,
  );
}

const inputsOf = (registered: readonly Registration[], type: string) =>
  registered.filter((resource) => resource.type === type).map(({ inputs }) => inputs);

describe("What the program makes for clones", () => {
  it("[KRO-05] is a pepper of its own for each namespace, sent as a secret", async () => {
    const secrets = inputsOf(await made(), "kubernetes:core/v1:Secret");
    expect(secrets.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`)).toEqual(
      NAMESPACES.map((namespace) => `${namespace}/${CLONE_PEPPER.name}`),
    );
    const peppers = secrets.map(({ stringData }) => revealed(stringData)?.pepper);
    expect(peppers.every((pepper) => typeof pepper === "string")).toBe(true);
    expect(new Set(peppers).size).toBe(NAMESPACES.length);
  });

  it("[KRO-07] is a ConfigMap for each namespace, with the shared database's host from the configuration", async () => {
    const host = "mysql.example.com";
    const maps = inputsOf(await made({ host }), "kubernetes:core/v1:ConfigMap");
    expect(maps.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`)).toEqual(
      NAMESPACES.map((namespace) => `${namespace}/${CLONE_PLATFORM.name}`),
    );
    for (const { data } of maps) {
      expect(data).toEqual({ databaseHost: host, databaseSubnetGroup: "", databaseSecurityGroup: "" });
    }
  });

  it("[KRO-07] names the port where it isn't MySQL's own", async () => {
    const [map] = inputsOf(await made({ host: "mysql.example.com", port: 13_306 }), "kubernetes:core/v1:ConfigMap");
    expect(map?.data.databaseHost).toBe("mysql.example.com:13306");
  });
});
