/** What is done about one clone that begins, or whose time is over: the same for the run of every five minutes and for the watcher. */
import { CLONE_RESOURCE } from "../../constructs/contract";
import { isEnding, WordPressClone } from "../domain/clone";
import { expiryOf, isExpired } from "../domain/expiry";
import type { Clock } from "../provisioner/clock";
import { Kube, sentenceOf, statusOf } from "../provisioner/kube";
import type { CloneFinalizer } from "./finalizer";
import type { Log } from "./log";
import type { SharedSchemas } from "./schemas";

/** What became of a clone that was looked at. */
export type Fate =
  /** It may live. */
  | "living"
  /** Its end was asked for, and isn't reached. */
  | "ending"
  /** All of it has gone, or another sees to the rest. */
  | "gone"
  /** Something went wrong, and was told. */
  | "failed";

export class Reaper {
  constructor(
    private readonly kube: Kube,
    private readonly finalizer: CloneFinalizer,
    private readonly clock: Clock,
    private readonly log: Log,
    /** @default none are made */
    private readonly schemas?: Pick<SharedSchemas, "isDue" | "make">,
  ) {}

  /** Whether something is to be done for it now, before its time is over. */
  isDue(clone: WordPressClone): boolean {
    return isEnding(clone) || this.schemas?.isDue(clone) === true;
  }

  /** Ends it if its time is over, and finishes it if its end was asked for; else gives it what it needs. Never throws. */
  async attend(clone: WordPressClone): Promise<Fate> {
    const { name, namespace } = clone.metadata;
    try {
      if (isEnding(clone)) return await this.finish(clone);
      if (isExpired(clone, this.clock.now())) return await this.end(clone);
      if (this.schemas?.isDue(clone) === true) await this.schemas.make(clone);
      return "living";
    } catch (error) {
      this.log({ level: "error", event: "clone.failed", clone: name, namespace, reason: sentenceOf(error) });
      return "failed";
    }
  }

  /** As it is now, whatever it was when somebody saw it. */
  async attendNow(namespace: string, name: string): Promise<Fate> {
    try {
      const clone = await this.kube.find<WordPressClone>(CLONE_RESOURCE, namespace, name);
      return clone === undefined ? "gone" : await this.attend(clone);
    } catch (error) {
      this.log({ level: "error", event: "clone.failed", clone: name, namespace, reason: sentenceOf(error) });
      return "failed";
    }
  }

  /** Only this very clone as we saw it: a life that was extended meanwhile is another version, and wins. */
  private async end(clone: WordPressClone): Promise<Fate> {
    const { name, namespace, uid, resourceVersion } = clone.metadata;
    try {
      const deleted = await this.kube.delete(CLONE_RESOURCE, namespace, name, { uid, resourceVersion });
      if (!deleted) return "gone";
    } catch (error) {
      if (statusOf(error) !== 409) throw error;
      return await this.lookAgain(clone);
    }
    const { customerId } = clone.spec;
    const expired = expiryOf(clone).toISOString();
    this.log({ event: "clone.deleted", clone: name, namespace, customerId, expiresAt: expired });
    return "ending";
  }

  /** Somebody changed it: KRO its status, which is nothing to us, or a person its life, which is. */
  private async lookAgain({ metadata: { name, namespace, uid } }: WordPressClone): Promise<Fate> {
    const now = await this.kube.find<WordPressClone>(CLONE_RESOURCE, namespace, name);
    if (now?.metadata.uid !== uid) return "gone";
    if (isEnding(now)) return "ending";
    if (isExpired(now, this.clock.now())) return await this.end(now);
    this.log({ event: "clone.extended", clone: name, namespace, expiresAt: expiryOf(now).toISOString() });
    return "living";
  }

  private async finish(clone: WordPressClone): Promise<Fate> {
    const { name, namespace } = clone.metadata;
    const finish = await this.finalizer.finish(clone);
    if (finish === "KRO" || finish === "pods") return "ending";
    if (finish === "done") this.log({ event: "clone.finished", clone: name, namespace });
    return "gone";
  }
}
