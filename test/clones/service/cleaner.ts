/** The cleaner's watcher beside a service under test, as its Deployment runs it. */
import { KubeConfig } from "@kubernetes/client-node";
import { runCleaner } from "../../../clones/cleaner/main";
import type { Running } from "../../../clones/processes/lifetime";
import type { Cluster } from "../../cluster";
import { STAGING } from "../../support/clone-cluster";
import type { MariaDb } from "../../support/mariadb-server";

/** @param database that of the jobs, which the clones' schemas are on as well */
export function startCleaner(cluster: Cluster, { host, port, rootPassword }: MariaDb): Running {
  const ending = new AbortController();
  const running = runCleaner({
    args: ["watch"],
    env: {
      CLONE_NAMESPACES: STAGING,
      SHARED_DATABASE_HOST: host,
      SHARED_DATABASE_PORT: String(port),
      SHARED_DATABASE_USER: "root",
      SHARED_DATABASE_PASSWORD: rootPassword,
    },
    config: configOf(cluster),
    write: () => undefined,
    signal: ending.signal,
  });
  const stop = async () => {
    ending.abort();
    await running;
  };
  return { stop };
}

export function configOf({ kubeconfig }: Cluster): KubeConfig {
  const config = new KubeConfig();
  config.loadFromFile(kubeconfig);
  return config;
}
