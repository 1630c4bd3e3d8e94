import { etcd } from "../programs/etcd";
import { kro } from "../programs/kro";
import { lookUp, Machine } from "./lookup";

/** A machine with these files; each prints what it is given here. */
function machineWith(files: Record<string, string>, env: Record<string, string> = {}): Machine {
  return {
    env: { KUBEBUILDER_ASSETS: "/assets", PATH: "/usr/bin:/bin", XDG_CACHE_HOME: "/cache", ...env },
    isExecutable: (file) => file in files,
    exists: (path) => path in files,
    outputOf: (file) => files[file] ?? "",
  };
}

const CACHED = "/cache/loomworks-platform/bin/etcd-3.6.5";
const RIGHT = "etcd Version: 3.6.5\nGit SHA: a061450";

describe("looking for a program", () => {
  it("takes KUBEBUILDER_ASSETS before PATH before the cache", () => {
    const files = { "/assets/etcd": RIGHT, "/bin/etcd": RIGHT, [CACHED]: "" };
    expect(lookUp(etcd, machineWith(files))).toMatchObject({ file: "/assets/etcd", origin: "KUBEBUILDER_ASSETS" });
    expect(lookUp(etcd, machineWith({ "/bin/etcd": RIGHT, [CACHED]: "" }))).toMatchObject({ file: "/bin/etcd" });
    expect(lookUp(etcd, machineWith({ [CACHED]: "" }))).toMatchObject({ file: CACHED, origin: "cache" });
  });

  it("passes over another version, and says so", () => {
    const found = lookUp(etcd, machineWith({ "/bin/etcd": "etcd Version: 3.6.50", [CACHED]: "" }));
    expect(found.file).toBe(CACHED);
    expect(found.passedOver).toEqual([expect.stringMatching(/^\/bin\/etcd is not used: it is not etcd 3\.6\.5/)]);
  });

  it("takes another version when that is allowed", () => {
    const machine = machineWith({ "/bin/etcd": "etcd Version: 3.5.0" }, { LOOMWORKS_CLUSTER_ANY_VERSION: "1" });
    expect(lookUp(etcd, machine)).toMatchObject({ file: "/bin/etcd", passedOver: [] });
  });

  it("finds nothing on an empty machine", () => {
    expect(lookUp(etcd, machineWith({})).file).toBeUndefined();
  });

  it("doesn't take a program whose CRDs are gone from the cache", () => {
    const program = { "/cache/loomworks-platform/bin/kro-0.9.4": "" };
    expect(lookUp(kro, machineWith(program)).file).toBeUndefined();
    const whole = { ...program, "/cache/loomworks-platform/assets/kro-0.9.4/crds": "" };
    expect(lookUp(kro, machineWith(whole)).origin).toBe("cache");
  });

  it("keeps the cache in the home folder when XDG_CACHE_HOME is empty", () => {
    const asked: string[] = [];
    const machine = { ...machineWith({}, { XDG_CACHE_HOME: "" }), isExecutable: (file: string) => !asked.push(file) };
    lookUp(etcd, machine);
    expect(asked.at(-1)).toMatch(/\/\.cache\/loomworks-platform\/bin\/etcd-3\.6\.5$/);
  });
});
