/** Synthesizes a Loomworks installation, and finds objects in it. */
import { Testing } from "cdk8s";
import { LoomworksChart } from "../../constructs/loomworks/chart";
import { parseSettings } from "../../constructs/settings";

/** The settings of a default installation, with `overrides` as a stack file would write them. */
export function loomworksSettings(overrides: Record<string, unknown> = {}) {
  return parseSettings({ loomworks: { quota: PLENTY, ...overrides } }).loomworks;
}

/** A quota that no test runs into by accident. */
export const PLENTY = {
  cpuRequests: "100",
  cpuLimits: "400",
  memoryRequests: "1Ti",
  memoryLimits: "1Ti",
  storage: "100Ti",
  pods: 100,
};

export class Manifests {
  constructor(readonly objects: readonly any[]) {}

  /** The one object of that kind and name. */
  find(kind: string, name: string): any {
    const found = this.objects.filter((object) => object.kind === kind && object.metadata.name === name);
    if (found.length !== 1) throw new Error(`expected one ${kind}/${name}, found ${found.length}`);
    return found[0];
  }

  all(kind: string): any[] {
    return this.objects.filter((object) => object.kind === kind);
  }

  /** Pod template of each workload, by name. */
  podTemplates(): Record<string, any> {
    const templates = this.objects.flatMap(({ kind, metadata, spec }) => {
      if (kind === "CronJob") return [[metadata.name, spec.jobTemplate.spec.template]];
      return spec?.template?.spec?.containers ? [[metadata.name, spec.template]] : [];
    });
    return Object.fromEntries(templates);
  }
}

export function synthesizeLoomworks(overrides: Record<string, unknown> = {}): Manifests {
  return new Manifests(Testing.synth(new LoomworksChart(Testing.app(), "loomworks", loomworksSettings(overrides))));
}
