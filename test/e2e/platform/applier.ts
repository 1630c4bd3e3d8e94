/** The two ways to put the program on a cluster: Pulumi's own, and waves where its CLI isn't to be had. */
import type { Cluster } from "../../cluster";
import { AppliedStack, PulumiProject } from "../../support/pulumi-cli";
import { LocalProject } from "../../support/pulumi-project";
import { STACK } from "./small-machine";
import { applyInWaves } from "./waves/apply";

/** What one apply did. */
export interface Application {
  /** How many there are of what was applied. */
  readonly objects: number;
  /** What became of those that are not as before: `update kubernetes:core/v1:ConfigMap loomworks/odoo-config`. */
  readonly changes: readonly string[];
}

export interface Applier {
  readonly project: LocalProject;
  /** Returns when everything is ready. */
  readonly up: () => Promise<Application>;
  /** Deletes all of it, and tells how much that was. Waves don't: they keep no list. */
  readonly destroy?: () => Promise<string>;
}

/** Where a line goes as something is done. */
type Report = (line: string) => void;

type Change = (project: LocalProject) => void;

/** @param change what is to be different from the repository's own settings */
export async function withPulumi({ kubeconfig }: Cluster, change: Change, report: Report): Promise<Applier> {
  const { project, stack } = await PulumiProject.create(STACK, kubeconfig, change);
  return { project, up: () => upAndTell(stack, report), destroy: () => destroyed(stack) };
}

async function upAndTell(stack: AppliedStack, report: Report): Promise<Application> {
  const { counts, changes, seconds } = await stack.up();
  report(`pulumi up: ${JSON.stringify(counts)} after ${seconds} s`);
  return { objects: Object.values(counts).reduce((sum, count) => sum + count, 0), changes };
}

async function destroyed(stack: AppliedStack): Promise<string> {
  const { counts, seconds } = await stack.destroy();
  return `pulumi destroy: ${JSON.stringify(counts)} after ${seconds} s`;
}

/** @param change what is to be different from the repository's own settings */
export function withWaves({ client }: Cluster, change: Change, report: Report): Applier {
  const project = new LocalProject();
  change(project);
  project.synthesize();
  const up = async () => {
    const applied = await applyInWaves(client, STACK, project.root, { report });
    const changed = applied.filter(({ outcome }) => outcome !== "unchanged");
    return { objects: applied.length, changes: changed.map(({ outcome, name }) => `${outcome} ${name}`) };
  };
  return { project, up };
}
