import type { Cluster } from "../cluster";
import type { Platform } from "./platform";
import { Reaches } from "./reach";
import type { World } from "./world";

/** The world of a story on a cluster that has the platform. */
export class PlayedWorld implements World {
  private readonly reaches: Reaches;

  constructor(
    readonly cluster: Cluster,
    private readonly platform: Platform,
    readonly seed: number,
  ) {
    this.reaches = new Reaches(cluster);
  }

  get settings() {
    return this.platform.settings;
  }

  reach(namespace: string, service: string, port: number): Promise<string> {
    return this.reaches.to(namespace, service, port);
  }

  async secret(namespace: string, name: string): Promise<Readonly<Record<string, string>>> {
    const { data = {} } = await this.cluster.client.get({
      apiVersion: "v1",
      kind: "Secret",
      metadata: { namespace, name },
    });
    const decoded = Object.entries(data as Record<string, string>).map(
      ([key, value]) => [key, Buffer.from(value, "base64").toString()] as const,
    );
    return Object.fromEntries(decoded);
  }

  rotate(secret: string): Promise<void> {
    return this.platform.rotate(secret);
  }

  /** Gives up every way that was asked for. */
  async end(): Promise<void> {
    await this.reaches.close();
  }
}
