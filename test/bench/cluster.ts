import { startCluster } from "../cluster";
import { installStack } from "../support/dist";
import type { Row } from "./main";

/** From nothing to a cluster that runs Loomworks; the programs are built first where they aren't cached. */
export async function measureCluster(): Promise<Row[]> {
  const rows: Row[] = [];
  const time = async <T>(what: string, act: () => Promise<T>): Promise<T> => {
    const started = Date.now();
    const result = await act();
    rows.push([what, `${((Date.now() - started) / 1000).toFixed(1)} s`]);
    return result;
  };
  const first = await time("test cluster, first start (with building where nothing is cached)", () => startCluster());
  await first.stop();
  const cluster = await time("test cluster, start", () => startCluster());
  await time("dist/staging applied to it, with its CRDs", () => installStack(cluster, "staging"));
  await time("test cluster, stop", () => cluster.stop());
  return rows;
}
