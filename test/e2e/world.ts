/** What the parts of the story are given: a frame to play their steps in, and a world to play them on. */
import type { Settings } from "../../constructs/settings";
import type { Cluster } from "../cluster";

/** How a step ended. */
export interface Step {
  readonly name: string;
  readonly outcome: "passed" | "failed" | "skipped";
}

export interface StepOptions {
  /** Steps without which this one says nothing: unless all of them passed, it is skipped and says whose fault that is. @default none */
  readonly needs?: readonly Step[];
}

/** Measures steps and tells how each ended. */
export interface Frame {
  /**
   * Plays one step; never throws for what happens in it.
   *
   * @param name a sentence of the story, as in "A warm clone is there"; no other step has it
   * @param proves ids of docs/requirements.md, as in `["WARM-01"]`; none for what only prepares
   * @param play answers what proves it, in a few words with figures and without secrets
   */
  step(name: string, proves: readonly string[], play: () => Promise<string>, options?: StepOptions): Promise<Step>;
}

/** The platform, applied and ready. */
export interface World {
  readonly cluster: Cluster;
  /** Those of the project's copy that was applied: sizes, domains, namespaces. */
  readonly settings: Settings;
  /** Of everything in the story that is left to chance. */
  readonly seed: number;
  /**
   * `http://127.0.0.1:<port>`, which leads to a ready pod of the Service until the story ends. Asked for twice, it is the
   * same; each connection chooses among the pods that are ready then.
   *
   * @param port of the Service
   */
  reach(namespace: string, service: string, port: number): Promise<string>;
  /** The values of a Secret as it is now, decoded. */
  secret(namespace: string, name: string): Promise<Readonly<Record<string, string>>>;
  /**
   * What `loomworks:rotate` and an apply do: new values in that Secret of the contract, and the pods that read it from their
   * environment are told. Returns when all is applied and ready.
   *
   * @param secret its name, as in `postgres-credentials`
   */
  rotate(secret: string): Promise<void>;
}

/** A part of the story: plays its steps one after the other, and cleans up what a second run would stumble over. */
export type Story = (frame: Frame, world: World) => Promise<void>;
