import { mkdirSync, writeFileSync } from "node:fs";
import { containerdConfiguration } from "../node/configuration";
import { isSocket } from "../probe";
import { VERSIONS } from "../versions";
import type { Program } from "./program";

const MODULE = "github.com/containerd/containerd/v2";

/** Runs the node's containers. */
export const containerd = containerdProgram("containerd", 2, {
  onNode: true,
  prepare: (site) => {
    mkdirSync(site.path("node"), { recursive: true });
    writeFileSync(site.path("node/containerd.toml"), containerdConfiguration(site));
  },
  args: (site) => [`--config=${site.path("node/containerd.toml")}`],
  // It finds its shim and its runtime by their names, which have no version.
  env: (site) => ({ PATH: `${site.path("bin")}:${process.env.PATH ?? ""}` }),
  ready: (site) => Promise.resolve(isSocket(site.path("node/containerd.sock"))),
});

/** Stays with a container while containerd comes and goes. */
export const containerdShim = containerdProgram("containerd-shim-runc-v2", 1);

/** containerd's own command line: brings images in. */
export const ctr = containerdProgram("ctr", 1);

/** Makes the containers. */
export const runc: Program = {
  name: "runc",
  version: VERSIONS.runc,
  minutes: 1,
  source: {
    module: "github.com/opencontainers/runc",
    version: `v${VERSIONS.runc}`,
    package: "github.com/opencontainers/runc",
    tags: ["seccomp"],
  },
};

function containerdProgram(name: string, minutes: number, run?: Program["run"]): Program {
  const version = VERSIONS.containerd;
  return {
    name,
    version,
    minutes,
    source: {
      module: MODULE,
      version: `v${version}`,
      package: `${MODULE}/cmd/${name}`,
      variables: { [`${MODULE}/version.Version`]: `v${version}` },
    },
    ...(run && { run }),
  };
}
