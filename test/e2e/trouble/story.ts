/** The hard half hour of the story: whatever may end or run out does, and nothing that was promised is lost. */
import { eventually } from "../../cluster";
import { told } from "../wordpress/caller";
import { lookAt, requestOf } from "../wordpress/clones";
import type { Frame, Step, World } from "../world";
import { Cast } from "./cast";
import { directly } from "./direct";
import { drain, homeless, schedulable } from "./drain";
import { Filler } from "./filler";
import { killEach } from "./kills";
import { runOutOfMemory } from "./memory";
import { containersOf, shuffled, untilWell } from "./system";

/** A job that lost its worker is taken over after a minute, and one that failed is tried again after another. */
const JOB_MILLISECONDS = 240_000;

const READY_MILLISECONDS = 60_000;

/** A page of the table takes two hundred rows before the database asks for another. */
const REFUSAL_MILLISECONDS = 60_000;

/** What PostgreSQL says, and Odoo after it. */
const NO_ROOM = /could not [^\n]*No space left on device/;

export async function troubleStory(frame: Frame, world: World): Promise<void> {
  await new TroubleStory(frame, directly(world)).play();
}

class TroubleStory {
  /** There for the steps that need the one which made it. */
  private cast!: Cast;
  /** Asked for before containers were killed. */
  private job!: string;

  constructor(
    private readonly frame: Frame,
    private readonly world: World,
  ) {}

  async play(): Promise<void> {
    const there = await this.frame.step("A clone and a company are there for the trouble to come", [], async () => {
      this.cast = await Cast.assemble(this.world);
      return `${this.cast.clone.id} in ${this.cast.clone.warmPod}, rows from ${this.cast.writer.before + 1} on`;
    });
    const needs = [there];
    if (this.world.cluster.external) {
      const name = "What ends containers and nodes, or fills disks, is left out";
      await this.frame.step(name, [], () => Promise.resolve("the nodes are those of KUBECONFIG_UNDER_TEST"));
      await this.playMemory(needs);
    } else {
      const killed = await this.playKills(needs);
      await this.playKubelet(needs);
      // A job that lost its worker has time until the drain, which would wait for it.
      await Promise.all([this.playVolume(needs), this.playMemory(needs)]);
      await this.playJob([killed]);
      await this.playDrain(needs);
    }
    await this.playEnd(needs);
  }

  private async playKills(needs: readonly Step[]): Promise<Step> {
    return await this.frame.step(
      "Each container is killed once, and all of them come back",
      ["CLONE-14", "LOOM-01", "LOOM-02"],
      async () => {
        const { world, cast } = this;
        const order = shuffled(containersOf(await untilWell(world, READY_MILLISECONDS)), world.seed);
        const { shop, api } = cast;
        const wish = requestOf(shop, { customer: "hotel", minutes: 30, database: "shared" });
        const { status, body } = await api.call("POST", "/api/v2/clone", wish);
        if (status !== 202) throw new Error(`a clone was asked for: ${status} ${body?.detail ?? ""}`);
        this.job = String(body.job_id);
        const failed = cast.writer.failures.length;
        const { killed, gone } = await killEach(world, order);
        const refused = await this.recovered(failed);
        const went = gone.length > 0 ? `, ${gone.length} went with their pods before` : "";
        return `${killed.length} containers by SIGKILL in the order of seed ${world.seed}${went}; ${refused}`;
      },
      { needs },
    );
  }

  private async playKubelet(needs: readonly Step[]): Promise<void> {
    await this.frame.step(
      "The kubelet is away, and comes back: its pods serve all the time",
      ["LOOM-01"],
      async () => {
        const { cluster } = this.world;
        const { writer, clone, shop } = this.cast;
        const idsOf = async () => containersOf(await untilWell(this.world, READY_MILLISECONDS)).map(({ id }) => id);
        const [before, failed, begun] = [await idsOf(), writer.failures.length, performance.now()];
        const { tried } = writer;
        await cluster.kill("kubelet");
        try {
          await writer.mark();
          await lookAt(clone, shop);
        } finally {
          await cluster.resume("kubelet");
        }
        await eventually(() => this.cast.installation.query("SELECT 1"), {
          what: "a command in a pod",
          timeoutMs: READY_MILLISECONDS,
        });
        const seconds = (performance.now() - begun) / 1000;
        const lost = writer.failures.slice(failed);
        if (lost.length > 0) throw new Error(`${lost.length} rows failed, the first: ${lost[0]?.reason ?? ""}`);
        const after = new Set(await idsOf());
        const ended = before.filter((id) => !after.has(id));
        if (ended.length > 0) throw new Error(`${ended.length} containers ended`);
        const rows = writer.tried - tried;
        return `away for ${told(seconds)}: ${rows} rows without a failure, ${before.length} containers are the same`;
      },
      { needs },
    );
  }

  private async playJob(needs: readonly Step[]): Promise<void> {
    await this.frame.step(
      "The job that was under way ends, and says how",
      ["CLONE-14"],
      async () => {
        const { api } = this.cast;
        const job = await eventually(
          async () => {
            const { body } = await api.call("GET", `/api/v2/job-status/${this.job}`);
            return ["completed", "failed"].includes(String(body.status)) && body;
          },
          { what: `the end of ${this.job}`, timeoutMs: JOB_MILLISECONDS, intervalMs: 500 },
        );
        if (job.status === "failed") {
          if (String(job.error ?? "") === "") throw new Error(`${this.job} failed, and doesn't say why`);
          return `${this.job} failed, and says: ${job.error}`;
        }
        await api.done("DELETE", `/api/v2/delete/${String(job.clone_id)}`);
        return `${this.job} is completed; its clone is deleted again`;
      },
      { needs },
    );
  }

  private async playDrain(needs: readonly Step[]): Promise<void> {
    await this.frame.step(
      "The node is drained, but for what budgets keep, and everything comes back to it",
      ["LOOM-11"],
      async () => {
        const { world, cast } = this;
        await untilWell(world, READY_MILLISECONDS);
        const failed = cast.writer.failures.length;
        let counts: string;
        try {
          const { evicted, refused, left } = await drain(world);
          if (refused.length === 0) throw new Error("no budget refused anything");
          const waiting = await homeless(world);
          if (waiting.length === 0) throw new Error("no pod waits for a node");
          // A clone of the pool is a pod that nobody makes anew: a drain leaves it to its end.
          await lookAt(cast.clone, cast.shop);
          const [kept] = refused;
          counts = `${evicted.length} evicted, ${waiting.length} waited; ${refused.length} refused ("${kept?.reason ?? ""}"), ${left.length} without a controller left`;
        } finally {
          await schedulable(world, true);
        }
        return `${counts}; ${await this.recovered(failed)}`;
      },
      { needs },
    );
  }

  private async playVolume(needs: readonly Step[]): Promise<void> {
    await this.frame.step(
      "The database's volume is full: rows are refused, and none is lost",
      ["LOOM-01"],
      async () => {
        const { writer } = this.cast;
        const filler = await Filler.start(this.world);
        const before = writer.failures.length;
        let [bytes, words] = [0, ""];
        try {
          bytes = await filler.fill();
          const what = "a row that is refused for want of room";
          words = await eventually(() => this.noRoom(before), { what, timeoutMs: REFUSAL_MILLISECONDS });
        } finally {
          await filler.end();
        }
        return `${(bytes / 1e9).toFixed(1)} GB taken, "${words}"; ${await this.recovered(before)}`;
      },
      { needs },
    );
  }

  private async playMemory(needs: readonly Step[]): Promise<void> {
    await this.frame.step(
      "Memory runs out in a clone, and its page comes back",
      ["WARM-02"],
      async () => {
        const { clone } = this.cast;
        const code = await runOutOfMemory(this.world, clone.warmPod);
        const begun = performance.now();
        await this.cast.untilWell();
        const seconds = (performance.now() - begun) / 1000;
        return `its MySQL was OOMKilled (${code}), and the page is the shop's ${told(seconds)} later`;
      },
      { needs },
    );
  }

  private async playEnd(needs: readonly Step[]): Promise<void> {
    await this.frame.step(
      "Nothing of before the trouble is lost",
      ["LOOM-01", "CLONE-14"],
      async () => {
        const { cast } = this;
        // Whatever becomes of the rest, a writer that goes on would keep this process alive.
        await cast.untilWell().finally(() => cast.writer.end());
        const rows = await cast.account();
        await cast.leave();
        return `${rows} rows that were said to be written are there, ${cast.writer.failures.length} were refused; the clone was the shop's to its end`;
      },
      { needs },
    );
  }

  /** What Odoo said of a row that failed since, or the server in its log if it ended of it. */
  private async noRoom(failed: number): Promise<string | undefined> {
    const failures = this.cast.writer.failures.slice(failed);
    if (failures.length === 0) return undefined;
    const said = [...failures.map(({ reason }) => reason), await this.cast.databaseLog()].join("\n");
    return NO_ROOM.exec(said)?.[0];
  }

  /** Waits until all is well. @param failed rows before the trouble @returns how long that took, and what was refused since then */
  private async recovered(failed: number): Promise<string> {
    const begun = performance.now();
    await this.cast.untilWell();
    const refused = this.cast.writer.failures.length - failed;
    return `${refused} rows refused, all well ${told((performance.now() - begun) / 1000)} later`;
  }
}
