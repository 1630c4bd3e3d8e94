/** The WordPress half of the story: what an agency does with clones of a customer's shop, from its first to its last minute. */
import type { Frame, Step, World } from "../world";
import { Caller, told } from "./caller";
import { findInPod } from "./canaries";
import { Clone, cloneOf, CloneWish, hasSchema, lookAt, untilGone } from "./clones";
import { newCaller } from "./operator";
import { takePicture } from "./picture";
import { freePod, returnedPod, withoutPool } from "./pool";
import { CANARY, playRestore } from "./restore";
import { closeShop, openShop, Shop } from "./shop";

/** The documents' bound for a clone on the shared server (KRO-11), in seconds. */
const COLD_SECONDS = 300;

/** Long enough to get ready while the machine does other things. */
const SHORT_MINUTES = 2;
const SHORT_CUSTOMER = "delta";

/** Until all of a clone has gone whose end has come. */
const END_MILLISECONDS = 60_000;

export interface WordPressOptions {
  /** Where a picture of the console goes, with the clones in it. @default none is taken */
  readonly screenshot?: string;
}

export async function wordpressStory(frame: Frame, world: World, options: WordPressOptions = {}): Promise<void> {
  await new WordPressStory(frame, world, options).play();
}

class WordPressStory {
  private readonly clones: Clone[] = [];
  /** Each is there for the steps that need the one which made it. */
  private shop!: Shop;
  private api!: Caller;
  private warm!: Clone;
  private short!: Clone;

  constructor(
    private readonly frame: Frame,
    private readonly world: World,
    private readonly options: WordPressOptions,
  ) {}

  async play(): Promise<void> {
    const { world, frame } = this;
    const open = await frame.step("A shop of WordPress and MySQL is open", [], async () => {
      this.shop = await openShop(world);
      return `${this.shop.url}, without our plugin`;
    });
    const served = await frame.step(
      "The clone service answers an operator's key",
      ["CLONE-05", "CLONE-11"],
      async () => {
        this.api = await newCaller(world);
        const { status, body } = await this.api.call("GET", "/readyz");
        if (status !== 200 || body.status !== "ready") throw new Error(`readyz: ${status} ${JSON.stringify(body)}`);
        return `key by kubectl exec; /readyz: ${body.status}`;
      },
    );
    const needs = [open, served];
    const warmed = await this.playWarm(needs);
    const cold = await this.playCold(needs);
    const [briefly] = await Promise.all([this.playShort(warmed), this.playPicture(cold)]);
    await playRestore(frame, () => ({ shop: this.shop, api: this.api, clone: this.warm }), warmed);
    await this.playDeletion(cold);
    const ended = await this.playEnds(warmed, briefly);
    await this.playNextPod(ended);
    await frame.step("Whoever is left ends, and the shop closes", ["CLONE-01"], async () => {
      const left = this.clones.splice(0);
      await Promise.all(left.map(async (clone) => await this.remove(clone)));
      await closeShop(world);
      return `${left.length} deleted`;
    });
  }

  private async playWarm(needs: readonly Step[]): Promise<Step> {
    const proves = ["WARM-04", "WARM-07", "CLONE-01", "CLONE-06"];
    return await this.frame.step(
      "A warm clone is there",
      proves,
      async () => {
        await freePod(this.world);
        const clone = (this.warm = await this.make({ customer: "acme", minutes: 30 }));
        if (clone.warmPod === "") throw new Error(`${clone.id} started cold`);
        return `${told(clone.seconds)} from the request, in ${clone.warmPod}`;
      },
      { needs },
    );
  }

  /** @returns the step that made them */
  private async playCold(needs: readonly Step[]): Promise<Step> {
    const proves = ["KRO-01", "KRO-02", "KRO-07", "KRO-11", "WARM-06", "CLONE-10"];
    return await this.frame.step(
      "Two clones start cold, one on the shared MySQL, one with its own",
      proves,
      async () => {
        // Whoever asks for MySQL beside WordPress gets a warm pod while there is one.
        const [shared, sidecar] = await withoutPool(this.world, () =>
          Promise.all([
            this.make({ customer: "bravo", minutes: 30, database: "shared" }),
            this.make({ customer: "charlie", minutes: 30, database: "sidecar" }),
          ]),
        );
        if (sidecar.warmPod !== "") throw new Error(`${sidecar.id} got a warm pod`);
        if (!(await hasSchema(shared, this.world))) throw new Error(`${shared.id} has no schema on the shared server`);
        const slowest = Math.max(shared.seconds, sidecar.seconds);
        if (slowest > COLD_SECONDS) throw new Error(`one took ${told(slowest)}`);
        return `shared MySQL ${told(shared.seconds)}, own MySQL ${told(sidecar.seconds)}, side by side`;
      },
      { needs },
    );
  }

  /** Made before the restore, so that its minutes pass meanwhile. */
  private async playShort(warmed: Step): Promise<Step> {
    return await this.frame.step(
      "A clone for two minutes is there",
      ["WARM-03", "CLONE-03"],
      async () => {
        // The pool has made another pod in the place of the one that was taken.
        await freePod(this.world);
        const wish = { customer: SHORT_CUSTOMER, minutes: SHORT_MINUTES };
        this.short = await cloneOf(this.shop, this.api, this.world, wish);
        const { warmPod, seconds, job } = this.short;
        if (warmPod === "") throw new Error(`${this.short.id} started cold`);
        // A search that finds nothing here would find nothing anywhere.
        const traces = await findInPod(this.world.cluster.config, warmPod, this.tracesOf(this.short));
        if (traces.length === 0) throw new Error(`${warmPod} has no trace of its own customer`);
        return `${told(seconds)} from the request, until ${job.expires_at}; traces of it in ${traces.length} places`;
      },
      { needs: [warmed] },
    );
  }

  /** Beside the making of the next clone, so that one is on its way and others are there. */
  private async playPicture(cold: Step): Promise<void> {
    const { screenshot } = this.options;
    if (screenshot === undefined) return;
    await this.frame.step(
      "The console shows all clones, and has its picture taken",
      ["CLONE-03"],
      async () => await takePicture(screenshot, this.api, SHORT_CUSTOMER),
      { needs: [cold] },
    );
  }

  private async playEnds(warmed: Step, briefly: Step): Promise<Step> {
    const { frame, world } = this;
    await frame.step(
      "A clone is extended",
      ["KRO-04"],
      async () => {
        const path = `/api/v2/clones/${this.warm.id}`;
        const before = Date.parse((await this.api.call("GET", path)).body.expires_at);
        const { status, body } = await this.api.call("POST", `${path}/extend`, { ttl_minutes: 90 });
        const minutes = (Date.parse(body.expires_at) - before) / 60_000;
        if (status !== 200 || minutes !== 60) throw new Error(`extend: ${status} ${JSON.stringify(body)}`);
        return `${minutes} minutes more`;
      },
      { needs: [warmed] },
    );
    return await frame.step(
      "The short one ended by itself, and left nothing",
      ["KRO-03", "CLONE-08"],
      async () => {
        const due = Date.parse(String(this.short.job.expires_at));
        await untilGone(this.short, world, Math.max(0, due - Date.now()) + END_MILLISECONDS);
        if (Date.now() < due) throw new Error("it ended before its time");
        return `no object, no pod, no schema; its time was over at ${new Date(due).toISOString()}`;
      },
      { needs: [briefly] },
    );
  }

  private async playDeletion(cold: Step): Promise<void> {
    await this.frame.step(
      "A deleted clone leaves nothing, on the shared MySQL neither",
      ["KRO-03", "CLONE-01"],
      async () => {
        const clone = this.clones.find(({ customer }) => customer === "bravo")!;
        const seconds = await this.remove(clone);
        this.clones.splice(this.clones.indexOf(clone), 1);
        return `no object, no pod, no schema after ${told(seconds)}`;
      },
      { needs: [cold] },
    );
  }

  private async playNextPod(ended: Step): Promise<void> {
    const { frame, world } = this;
    await frame.step(
      "The pool's next pod has nothing of the last customer",
      ["WARM-05"],
      async () => {
        const { warmPod } = this.short;
        const { reuse } = world.settings.clones.service.warmPool;
        const pod = reuse ? await returnedPod(world, warmPod) : await freePod(world);
        const texts = this.tracesOf(this.short);
        const left = await findInPod(world.cluster.config, pod.metadata.name, texts);
        if (left.length > 0) throw new Error(`${pod.metadata.name} has it in ${left.slice(0, 5).join(", ")}`);
        return `${reuse ? "the same pod, reset" : "another pod"}: none of ${texts.length} texts`;
      },
      { needs: [ended] },
    );
  }

  /** Texts that nobody else's pod may have. */
  private tracesOf({ url, secrets }: Clone): string[] {
    return [CANARY, "carl@demo.example", new URL(this.shop.url).host, new URL(url).host, ...secrets];
  }

  /** Makes a clone, looks at it, and remembers that it is to go. */
  private async make(wish: CloneWish): Promise<Clone> {
    const clone = await cloneOf(this.shop, this.api, this.world, wish);
    this.clones.push(clone);
    await lookAt(clone, this.shop);
    return clone;
  }

  /** @returns seconds until nothing was left */
  private async remove(clone: Clone): Promise<number> {
    const { seconds } = await this.api.done("DELETE", `/api/v2/delete/${clone.id}`);
    await untilGone(clone, this.world, END_MILLISECONDS);
    return seconds;
  }
}
