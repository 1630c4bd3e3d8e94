/** The stack's configuration, from `pulumi.Config` through the same schema that synth reads it by. */
import * as pulumi from "@pulumi/pulumi";
import { parse } from "yaml";
import { CLONE_SECRETS, LOOMWORKS_SECRETS, OBSERVABILITY_SECRETS, SecretContract } from "../constructs/contract";
import { assertKeepsVolumes, parseSettings, PROJECT, Settings, Stack, STACKS } from "../constructs/settings";
import { assertNoProblems, InvalidInputError, Problem } from "../constructs/shared/problems";

/** By name of a Secret: any text. A new text makes the passwords of that Secret anew. */
export type Rotation = Readonly<Record<string, string>>;

export interface Configuration {
  readonly stack: Stack;
  readonly settings: Settings;
  readonly rotation: Rotation;
}

/** Beside the settings rather than among them: a rotation changes no manifest, so nothing of dist needs to be made anew. */
const ROTATION_KEY = "loomworks:rotate";

/**
 * @param root folder with `dist/`, whose volumes must not shrink
 * @throws {InvalidInputError} naming every problem
 */
export function readConfiguration(root: string): Configuration {
  const problems: Problem[] = [];
  const stack = attempt(problems, () => knownStack(pulumi.getStack()));
  const purpose = pulumi.runtime.isDryRun() ? "preview" : "up";
  const settings = attempt(problems, () => parseSettings(rawSettings(), purpose));
  const rotation = attempt(problems, () => rotationOf(valueOf(pulumi.runtime.allConfig()[ROTATION_KEY])));
  if (stack !== undefined && settings !== undefined) attempt(problems, () => assertKeepsVolumes(settings, stack, root));
  if (stack === undefined || settings === undefined || rotation === undefined || problems.length > 0) {
    throw new InvalidInputError(problems);
  }
  return { stack, settings, rotation };
}

/**
 * Runs `program`; where the input is wrong, Pulumi shows the problems alone, without a stack trace that helps nobody.
 */
export function explainingProblems<T>(program: () => T): T {
  try {
    return program();
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
    throw Object.assign(new pulumi.RunError(error.message), { cause: error });
  }
}

function attempt<T>(problems: Problem[], read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
    problems.push(...error.problems);
    return undefined;
  }
}

function knownStack(name: string): Stack {
  const stack = STACKS.find((known) => known === name);
  if (stack !== undefined) return stack;
  throw new InvalidInputError([
    {
      code: "STACK_UNKNOWN",
      path: "stack",
      value: name,
      reason: "there are no settings and no manifests of that name",
      remedy: `Select one of ${STACKS.join(", ")}`,
    },
  ]);
}

function rawSettings(): Record<string, unknown> {
  const own = Object.entries(pulumi.runtime.allConfig()).filter(([key]) => key.startsWith(`${PROJECT}:`));
  return Object.fromEntries(own.map(([key, text]) => [key.slice(PROJECT.length + 1), valueOf(text)]));
}

/** Pulumi hands on mappings as JSON and all else as bare text: as YAML, both mean what they meant in the stack's file. */
function valueOf(text: string | undefined): unknown {
  return text === undefined ? undefined : parse(text);
}

/** Those that hold something which the program made. */
const ROTATED: readonly SecretContract[] = [
  ...Object.values<SecretContract>(LOOMWORKS_SECRETS),
  ...Object.values<SecretContract>(CLONE_SECRETS),
  ...Object.values<SecretContract>(OBSERVABILITY_SECRETS),
].filter(({ data }) => Object.values(data).some(({ kind }) => kind === "password" || kind === "keyring"));

function rotationOf(raw: unknown): Rotation {
  if (raw === undefined || raw === null) return {};
  const entries = typeof raw === "object" && !Array.isArray(raw) ? Object.entries(raw) : [["", raw] as const];
  assertNoProblems(entries.flatMap(([name, value]) => rotationProblems(name, value)));
  return Object.fromEntries(entries.map(([name, value]) => [name, String(value)]));
}

function rotationProblems(name: string, value: unknown): Problem[] {
  const path = name === "" ? ROTATION_KEY : `${ROTATION_KEY}.${name}`;
  const known = ROTATED.map((secret) => secret.name);
  if (name === "" || typeof value === "object") {
    const remedy = `Give the name of a Secret and a new text, as in pulumi config set --path '${ROTATION_KEY}.${known[0] ?? ""}' 2`;
    return [{ code: "ROTATE_VALUE", path, value: typeof value, reason: "it is no text by name of a Secret", remedy }];
  }
  const secret = ROTATED.find((candidate) => candidate.name === name);
  if (secret === undefined) {
    const remedy = `Choose from ${known.join(", ")}`;
    return [{ code: "ROTATE_UNKNOWN", path, value: name, reason: "the stack makes no Secret of that name", remedy }];
  }
  if (!isKeyring(secret) || KEY_COUNT.test(JSON.stringify(value).replaceAll('"', ""))) return [];
  const reason = "its keys are counted, and the oldest stay";
  return [{ code: "ROTATE_COUNT", path, value, reason, remedy: "Give a number from 2 to 99, one more than before" }];
}

/** With one key there was no rotation. */
const KEY_COUNT = /^([2-9]|[1-9][0-9])$/;

function isKeyring({ data }: SecretContract): boolean {
  return Object.values(data).some(({ kind }) => kind === "keyring");
}
