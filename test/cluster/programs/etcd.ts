import { httpAnswers } from "../probe";
import { VERSIONS } from "../versions";
import type { Program } from "./program";

/** The store behind the API server. */
export const etcd: Program = {
  name: "etcd",
  version: VERSIONS.etcd,
  minutes: 2,
  versionArgs: ["--version"],
  source: {
    module: "go.etcd.io/etcd/server/v3",
    version: `v${VERSIONS.etcd}`,
    package: "go.etcd.io/etcd/server/v3",
  },
  run: {
    ports: ["etcd", "etcd-peer"],
    args: (site) => {
      const [client, peer] = [`http://127.0.0.1:${site.port("etcd")}`, `http://127.0.0.1:${site.port("etcd-peer")}`];
      return [
        `--data-dir=${site.path("etcd")}`,
        `--listen-client-urls=${client}`,
        `--advertise-client-urls=${client}`,
        `--listen-peer-urls=${peer}`,
        `--initial-advertise-peer-urls=${peer}`,
        `--initial-cluster=default=${peer}`,
        "--log-level=warn",
        // Nobody wants this data after a power cut, and waiting for the disk makes every write slow.
        "--unsafe-no-fsync",
      ];
    },
    ready: (site) => httpAnswers(`http://127.0.0.1:${site.port("etcd")}/health`),
  },
};
