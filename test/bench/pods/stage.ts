/** The platform on a real node, as the story has it, with a shop and a caller: where all of this is measured. */
import { Cluster, startCluster } from "../../cluster";
import { toStandardError } from "../../cluster/build/builder";
import { ProvidedImage, provideImages } from "../../images/provide";
import { Platform } from "../../e2e/platform";
import { PlayedWorld } from "../../e2e/played-world";
import type { Caller } from "../../e2e/wordpress/caller";
import { newCaller } from "../../e2e/wordpress/operator";
import { freePod } from "../../e2e/wordpress/pool";
import { openShop, Shop } from "../../e2e/wordpress/shop";

/** Of everything that is left to chance; nothing here is. */
const SEED = 1;

export class Stage {
  shop!: Shop;
  api!: Caller;

  private constructor(
    readonly cluster: Cluster,
    private readonly platform: Platform,
    readonly world: PlayedWorld,
    /** None where the cluster is somebody else's. */
    readonly images: readonly ProvidedImage[],
  ) {}

  /** Returns when a clone could be asked for. */
  static async set(): Promise<Stage> {
    const isOwn = process.env.KUBECONFIG_UNDER_TEST === undefined;
    const images = isOwn ? await provideImages(undefined, toStandardError) : [];
    const archives = images.map(({ archive }) => archive);
    const cluster = await startCluster({ nodes: "real", controllers: ["kro"], images: archives });
    try {
      const platform = await Platform.bringUp(cluster, { report: toStandardError, by: "waves" });
      return new Stage(cluster, platform, new PlayedWorld(cluster, platform, SEED), images);
    } catch (error) {
      await cluster.stop();
      throw error;
    }
  }

  /** A shop to be cloned, and a key to ask by. */
  async open(): Promise<void> {
    this.shop = await openShop(this.world);
    this.api = await newCaller(this.world);
    await freePod(this.world);
  }

  /** Ends all clones of the caller, and returns when the service has. */
  async removeClones(): Promise<void> {
    const { body } = await this.api.call("GET", "/api/v2/clones?limit=100");
    const ids = (body.clones as { clone_id: string }[]).map(({ clone_id: id }) => id);
    await Promise.all(ids.map((id) => this.api.done("DELETE", `/api/v2/delete/${id}`)));
  }

  async clear(): Promise<void> {
    await this.world.end();
    await this.platform.end();
    await this.cluster.stop();
  }
}
