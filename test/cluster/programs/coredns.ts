import { writeFileSync } from "node:fs";
import { corefile } from "../node/configuration";
import { httpAnswers } from "../probe";
import { VERSIONS } from "../versions";
import type { Program } from "./program";

const MODULE = "github.com/coredns/coredns";

/** As its authors want it for who needs few of its plugins: all of them are the SDKs of every cloud. */
const MAIN = `package main

import (
	"${MODULE}/coremain"
	_ "${MODULE}/plugin/bind"
	_ "${MODULE}/plugin/errors"
	_ "${MODULE}/plugin/kubernetes"
	_ "${MODULE}/plugin/ready"
)

func main() {
	coremain.Run()
}
`;

/** Names of Services, for the pods of a real node. It runs beside the control plane, which a Service leads to. */
export const coredns: Program = {
  name: "coredns",
  version: VERSIONS.coredns,
  minutes: 4,
  source: { module: MODULE, version: `v${VERSIONS.coredns}`, package: ".", main: MAIN },
  run: {
    ports: ["dns", "dns-ready"],
    groups: ["system:masters"],
    prepare: (site) => writeFileSync(site.path("Corefile"), corefile(site)),
    args: (site) => [`-conf=${site.path("Corefile")}`],
    ready: (site) => httpAnswers(`http://127.0.0.1:${site.port("dns-ready")}/ready`),
  },
};
