import { VERSIONS } from "../versions";
import type { Program } from "./program";

const MODULE = "github.com/coredns/coredns";

/** As its authors want it for who needs few of its plugins: all of them are the SDKs of every cloud. */
const MAIN = `package main

import (
	"${MODULE}/coremain"
	_ "${MODULE}/plugin/errors"
	_ "${MODULE}/plugin/kubernetes"
	_ "${MODULE}/plugin/ready"
)

func main() {
	coremain.Run()
}
`;

/** Names of Services, for the pods of a real node. It runs in one of them: see node/dns.ts. */
export const coredns: Program = {
  name: "coredns",
  version: VERSIONS.coredns,
  minutes: 4,
  source: { module: MODULE, version: `v${VERSIONS.coredns}`, package: ".", main: MAIN, static: true },
};
