/** The settings of a stack: one schema, read by synth and by the Pulumi program alike. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { awsSchema } from "./settings/aws";
import { awsContradictions, Purpose } from "./settings/aws-checks";
import { contradictions } from "./settings/checks";
import { cloneContradictions, copiesElsewhere } from "./settings/clone-checks";
import { clonesSchema } from "./settings/clones";
import { loomworksSchema } from "./settings/loomworks";
import { toProblems } from "./settings/problems";
import { PROJECT } from "./settings/project";
import { readReviewedClaims, shrunkVolumes } from "./settings/volumes";
import { assertNoProblems, InvalidInputError, Problem } from "./shared/problems";

export { BUFFER_INSTANCES } from "./settings/instance-types";
export type { BufferInstance, InstanceType } from "./settings/instance-types";
export type { AwsSettings, AwsTarget } from "./settings/aws";
export type { Purpose } from "./settings/aws-checks";
export { cloneImage, jobsDatabase, serviceImage } from "./settings/clones";
export { handBackSeconds } from "./settings/clone-service";
export type { ServiceSettings } from "./settings/clone-service";
export type { ClonesSettings } from "./settings/clones";
export type { LoomworksSettings } from "./settings/loomworks";
export { PROJECT } from "./settings/project";

export const STACKS = ["staging", "production"] as const;
export type Stack = (typeof STACKS)[number];

export const settingsSchema = z.strictObject({
  target: z
    .enum(["aws", "local"])
    .default("aws")
    .describe(
      'What the program applies to: "aws" is a cluster that it makes with all around it, "local" the one that KUBECONFIG names',
    ),
  aws: awsSchema.prefault({}).describe("AWS: account, network, cluster and its nodes, where the target is aws"),
  loomworks: loomworksSchema.prefault({}).describe("Odoo hosting: sizes, schedules, domain"),
  clones: clonesSchema.prefault({}).describe("WordPress clones: domain, lifetimes, routing, databases, quotas"),
});

export type Settings = z.output<typeof settingsSchema>;

/** The settings that manifests are made from; the others change none, so that `dist` needn't be made anew for them. */
export type ManifestSettings = Pick<Settings, "loomworks" | "clones">;

export function manifestSettings({ loomworks, clones }: ManifestSettings): ManifestSettings {
  return { loomworks, clones };
}

/** Top-level keys; each is one key of the Pulumi configuration, declared in Pulumi.yaml. */
export const SETTING_KEYS = Object.keys(settingsSchema.shape) as (keyof Settings)[];

/**
 * Settings with every default filled in.
 *
 * @param raw what the stack file or the Pulumi configuration holds, by top-level key
 * @param purpose what has to be known already: synth needs no account
 * @throws {InvalidInputError} naming every problem
 */
export function parseSettings(raw: unknown, purpose: Purpose = "synth"): Settings {
  const result = settingsSchema.safeParse(raw);
  if (!result.success) {
    const problems = toProblems(result.error, raw);
    throw new InvalidInputError([...problems, ...contradictionsBesides(result.error, problems, raw, purpose)]);
  }
  assertNoProblems(allContradictions(result.data, purpose));
  return result.data;
}

/** Contradictions among what is right by itself, so that one run shows them too. */
function contradictionsBesides(
  error: z.ZodError,
  problems: readonly Problem[],
  raw: unknown,
  purpose: Purpose,
): Problem[] {
  // A wrong figure takes part in the sums: with it gone, they would speak of a default that nobody chose.
  if (problems.some(({ code }) => !IRRELEVANT_TO_SUMS.has(code))) return [];
  const rest = settingsSchema.safeParse(withoutWrong(error, raw));
  // What is wrong is not also missing.
  const named = new Set(problems.map(({ path }) => path));
  return rest.success ? allContradictions(rest.data, purpose).filter(({ path }) => !named.has(path)) : [];
}

function allContradictions({ target, aws, loomworks, clones }: Settings, purpose: Purpose): Problem[] {
  return [
    ...awsContradictions({ target, aws, loomworks, clones }, purpose),
    ...contradictions(loomworks, "loomworks"),
    ...cloneContradictions(clones, "clones"),
    ...copiesElsewhere(clones, loomworks),
  ];
}

const IRRELEVANT_TO_SUMS = new Set([
  "SETTING_ACCOUNT",
  "SETTING_ADDRESSES",
  "SETTING_CHOICE",
  "SETTING_COLLECTOR",
  "SETTING_DATABASE",
  "SETTING_DOMAIN",
  "SETTING_IMAGE",
  "SETTING_INSTANCE",
  "SETTING_NAME",
  "SETTING_NETWORK",
  "SETTING_PRINCIPAL",
  "SETTING_REGION",
  "SETTING_REGISTRY",
  "SETTING_REPOSITORY",
  "SETTING_SCHEDULE",
  "SETTING_UNKNOWN",
]);

function withoutWrong(error: z.ZodError, raw: unknown): unknown {
  const copy: unknown = structuredClone(raw);
  for (const issue of error.issues) {
    const keys = issue.code === "unrecognized_keys" ? issue.keys : issue.path.slice(-1);
    const path = issue.code === "unrecognized_keys" ? issue.path : issue.path.slice(0, -1);
    const parent = path.reduce<unknown>((value, key) => (value as Record<PropertyKey, unknown>)[key], copy);
    for (const key of keys) Reflect.deleteProperty(parent as object, key);
  }
  return copy;
}

/**
 * The settings of `stack`, from its Pulumi file.
 *
 * @param root folder with the stack files
 * @throws {InvalidInputError} naming every problem, the file's own included
 */
export function readSettings(stack: Stack, root: string): Settings {
  const settings = parseSettings(readStackFile(join(root, `Pulumi.${stack}.yaml`)));
  assertKeepsVolumes(settings, stack, root);
  return settings;
}

/**
 * Holds `settings` against the volumes in the reviewed manifests.
 *
 * @throws {InvalidInputError} naming every volume that would become smaller
 */
export function assertKeepsVolumes(settings: Settings, stack: Stack, root: string): void {
  const reviewed = readReviewedClaims(join(root, "dist", stack));
  assertNoProblems(shrunkVolumes(settings.loomworks, "loomworks", reviewed));
}

function readStackFile(file: string): Record<string, unknown> {
  const content = parseYaml(file) as { config?: Record<string, unknown> } | null;
  const own = Object.entries(content?.config ?? {}).filter(([key]) => key.startsWith(`${PROJECT}:`));
  return Object.fromEntries(own.map(([key, value]) => [key.slice(PROJECT.length + 1), value]));
}

function parseYaml(file: string): unknown {
  try {
    return parse(readFileSync(file, "utf8"));
  } catch (error) {
    const [reason] = (error as Error).message.split("\n") as [string];
    throw new InvalidInputError([unreadable(file, reason)]);
  }
}

function unreadable(file: string, reason: string): Problem {
  return {
    code: "STACK_FILE",
    path: file,
    value: null,
    reason: `it can't be read as YAML (${reason})`,
    remedy: "Correct the file, or run from the project's root",
  };
}
