import type { Problem } from "../../constructs/shared/problems";
import { serveAggregatedApi } from "./aggregated-api";
import { cachedAsset } from "./build/cache";
import type { ClusterClient } from "./client";
import { installCrds } from "./crds";
import { ClusterError } from "./errors";
import { eventually } from "./eventually";
import { endedProblem, Keeper, KeptProgram, tailOf } from "./keeper";
import { joinHost } from "./node/outside-host";
import { RealNode } from "./node/real-node";
import { CONTROL_PLANE, Controller } from "./programs";
import type { Startable } from "./programs/program";
import { Site, SiteSettings } from "./site";

/** Seconds that a program may take until it is ready: a start takes one to five, on a busy machine many more. */
const READY_SECONDS = 90;

/** Beginning of the name of a cluster's folder. */
export const FOLDER_PREFIX = "loomworks-cluster-";

/** How often a start is tried again after another program took a port that was free. */
const TRIES = 3;

/** The processes of one cluster. */
export class ControlPlane {
  private readonly running: KeptProgram[] = [];
  /** What the real node's programs run in, if there is one. */
  node: RealNode | undefined;

  private constructor(
    private readonly keeper: Keeper,
    readonly site: Site,
    private readonly files: ReadonlyMap<Startable, string>,
  ) {}

  /** Starts Kubernetes alone, of programs that are at hand, and returns when its API answers. */
  static async start(files: ReadonlyMap<Startable, string>, settings: SiteSettings): Promise<ControlPlane> {
    for (let attempt = 1; ; attempt += 1) {
      const keeper = new Keeper(FOLDER_PREFIX);
      try {
        const site = await Site.prepare(keeper, [...files.keys()], settings);
        const plane = new ControlPlane(keeper, site, files);
        if (settings.nodes === "real") plane.node = await RealNode.create(keeper, site, files);
        for (const program of CONTROL_PLANE) await plane.run(program);
        return plane;
      } catch (error) {
        await keeper.release();
        if (attempt === TRIES || !String(error).includes("address already in use")) throw error;
      }
    }
  }

  get folder(): string {
    return this.keeper.folder;
  }

  /** Installs a controller's CRDs, starts its programs, and returns when they are ready and what they serve is there. */
  async add(controller: Controller, client: ClusterClient): Promise<void> {
    const { crdsOf, api } = controller;
    if (crdsOf) await installCrds(client, [cachedAsset(crdsOf, "crds")]);
    await this.resume(controller);
    if (api) await serveAggregatedApi(client, { ...api, port: this.site.port(api.port) });
  }

  /** Starts a controller's programs, and returns when they are ready. */
  async resume({ programs }: Controller): Promise<void> {
    for (const program of programs) await this.run(program);
  }

  /** Kills a controller's programs; {@link stop} doesn't miss them. */
  async kill({ programs }: Controller): Promise<void> {
    for (const { name } of programs) {
      const index = this.running.findIndex((kept) => kept.name === name);
      const [kept] = index < 0 ? [] : this.running.splice(index, 1);
      await kept?.kill();
    }
  }

  /** Runs a program until the end, on a host beyond the real node that has these addresses. Once. */
  runOutside(addresses: readonly string[], program: string, args: readonly string[]): void {
    if (this.node === undefined) throw new Error("Fake nodes have no network, and so no host beyond it");
    const command = joinHost(this.node, addresses)(program, args);
    this.running.push(this.keeper.start("outside", command.file, command.args));
  }

  /**
   * Ends everything and removes the folder.
   *
   * @throws {ClusterError} if a program had ended by itself: what a test then saw was not a cluster
   */
  async stop(): Promise<void> {
    const problems: Problem[] = this.running.filter((program) => !program.isRunning()).map(endedProblem);
    await this.keeper.release();
    this.running.length = 0;
    if (problems.length > 0) throw new ClusterError(...problems);
  }

  private async run(program: Startable): Promise<void> {
    const { run, name } = program;
    const file = this.files.get(program);
    if (!run || file === undefined) return;
    run.prepare?.(this.site);
    const args = run.args(this.site);
    const command = run.onNode && this.node ? this.node.inside(file, args) : { file, args };
    const kept = this.keeper.start(name, command.file, command.args, { env: run.env?.(this.site) ?? {} });
    this.running.push(kept);
    const died = kept.ended.then(() => Promise.reject(new ClusterError(endedProblem(kept))));
    // Later ends are told by stop().
    died.catch(() => undefined);
    if (run.ready) await Promise.race([this.untilReady(kept, run.ready.bind(run)), died]);
  }

  private async untilReady(kept: KeptProgram, ready: (site: Site) => Promise<boolean>): Promise<void> {
    const what = `${kept.name} ready`;
    try {
      await eventually(() => ready(this.site), { what, timeoutMs: READY_SECONDS * 1000, intervalMs: 50 });
    } catch {
      throw new ClusterError({
        code: "CLUSTER_NOT_READY",
        path: kept.name,
        value: `${READY_SECONDS} s`,
        reason: `it runs but never said it was ready; the end of its log:\n${tailOf(kept.log)}\n`,
        remedy: "Read the log above",
      });
    }
  }
}
