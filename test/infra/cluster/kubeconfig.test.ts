import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InvalidInputError } from "../../../constructs/shared/problems";
import { readClusterAccess } from "../../../infra/cluster/kubeconfig";

const encoded = (text: string) => Buffer.from(text).toString("base64");

describe("Access to the cluster that KUBECONFIG names", () => {
  let folder: string;
  const read = (config: object | string) => {
    const file = join(folder, "config");
    writeFileSync(file, typeof config === "string" ? config : JSON.stringify(config));
    const { kubeconfig, identifier } = readClusterAccess({ KUBECONFIG: file });
    return { kubeconfig: JSON.parse(kubeconfig as string), identifier };
  };
  const two = ({ current = "mine", server = "https://127.0.0.1:6443", authority = "authority-of-mine" } = {}) => ({
    "current-context": current,
    contexts: ["mine", "theirs"].map((name) => ({ name, context: { cluster: name, user: name } })),
    clusters: [
      { name: "mine", cluster: { server, "certificate-authority-data": encoded(authority) } },
      { name: "theirs", cluster: { server: "https://10.0.0.1" } },
    ],
    users: ["mine", "theirs"].map((name) => ({ name, user: { token: `token-of-${name}` } })),
  });

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "kubeconfig-"));
  });

  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  it("is the current context alone: nobody else's credentials get into the state", () => {
    const { kubeconfig } = read(two());
    expect(kubeconfig).toMatchObject({
      "current-context": "mine",
      contexts: [{ name: "mine" }],
      clusters: [{ name: "mine" }],
    });
    expect(JSON.stringify(kubeconfig)).toContain("token-of-mine");
    expect(JSON.stringify(kubeconfig)).not.toContain("theirs");
  });

  it("holds the content of the files it names, which lie on this machine alone", () => {
    writeFileSync(join(folder, "ca.pem"), "authority");
    writeFileSync(join(folder, "me.key"), "key");
    const { kubeconfig } = read({
      ...two(),
      clusters: [{ name: "mine", cluster: { server: "https://127.0.0.1:6443", "certificate-authority": "ca.pem" } }],
      users: [{ name: "mine", user: { "client-key": join(folder, "me.key") } }],
    });
    expect(kubeconfig.clusters[0].cluster).toEqual({
      server: "https://127.0.0.1:6443",
      "certificate-authority-data": encoded("authority"),
    });
    expect(kubeconfig.users[0].user).toEqual({ "client-key-data": encoded("key") });
  });

  it("is the same cluster at another address, and another one behind another authority", () => {
    const { identifier } = read(two());
    expect(read(two({ server: "https://127.0.0.1:7777" })).identifier).toBe(identifier);
    expect(read(two({ authority: "another" })).identifier).not.toBe(identifier);
    expect(read(two({ current: "theirs" })).identifier).not.toBe(identifier);
  });

  it.each([
    ["no context of that name", two({ current: "gone" })],
    ["nothing at all", ""],
    ["what is no YAML", "a: [1"],
  ])("can't be had from a file with %s", (_what, config) => {
    expect(() => read(config)).toThrow(/^KUBECONFIG .*config: got null; no cluster can be reached by it \(/);
  });

  it("can't be had from a file that isn't there", () => {
    const path = join(folder, "none");
    expect(() => readClusterAccess({ KUBECONFIG: path })).toThrow(InvalidInputError);
    expect(() => readClusterAccess({ KUBECONFIG: path })).toThrow(path);
  });
});
