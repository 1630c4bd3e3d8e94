/** Runs a stack's program without Pulumi and without a cluster: the same code, before a stand-in for the engine. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { parse } from "yaml";
import { PROJECT, readSettings, Settings, Stack } from "../../constructs/settings";
import { InvalidInputError } from "../../constructs/shared/problems";
import program from "../index";
import { Plan, STAND_INS } from "./model";
import { PlanMonitor } from "./monitor";

/** Pulumi's runtime keeps its state in the process: programs that are to run at once run one after the other. */
let last: Promise<unknown> = Promise.resolve();

/**
 * What `pulumi up` would register for `stack`, had it an empty state. {@link STAND_INS} stand for what the stack's file doesn't
 * say of AWS.
 *
 * @param root folder with the stack files and `dist/`
 * @param target instead of the one that the stack's file names
 * @throws {InvalidInputError} naming every problem with settings or dist; nothing is registered then
 */
export async function planStack(
  stack: Stack,
  root = join(__dirname, "..", ".."),
  target?: Settings["target"],
): Promise<Plan> {
  const monitor = new PlanMonitor(PROJECT, stack);
  await runProgram(monitor, stack, { root, preview: true, ...(target && { target }) });
  const [top] = monitor.resources;
  const outputs = monitor.outputs.get(top?.urn ?? "") ?? {};
  const isInAws = monitor.resources.some(({ type }) => type === "pulumi:providers:aws");
  const standIns = isInAws ? standInsFor(readConfig(stack, root) ?? {}) : {};
  const given = Object.keys(standIns).length === 0 ? {} : { standIns };
  return { project: PROJECT, stack, resources: monitor.resources, outputs, ...given };
}

/** How {@link runProgram} runs it. */
export interface Run {
  /** Folder with the stack files and `dist/`. */
  readonly root: string;
  /** Instead of the one that the stack's file names. */
  readonly target?: Settings["target"];
  /** Whether the program is told that this is a preview, in which values may be unknown. */
  readonly preview: boolean;
}

/**
 * Runs the program of `stack` before `monitor`, which answers in the place of Pulumi's engine.
 *
 * @throws {InvalidInputError} naming every problem with settings or dist; nothing is registered then
 */
export function runProgram(monitor: PlanMonitor, stack: Stack, run: Run): Promise<void> {
  const next = last.then(() => runAlone(monitor, stack, run));
  last = next.catch(() => undefined);
  return next;
}

async function runAlone(monitor: PlanMonitor, stack: Stack, { root, target, preview }: Run): Promise<void> {
  pulumi.runtime.setMockOptions(monitor, PROJECT, stack, preview);
  pulumi.runtime.setAllConfig(configOf(stack, root, target));
  const identifier = preview ? pulumi.output(pulumi.unknown).apply(String) : "";
  const access = () => ({ kubeconfig: "", identifier });
  let failure: Error | undefined;
  await pulumi.runtime.runInPulumiStack(() => {
    // An error that Pulumi's runtime sees, it also throws where nobody can catch it.
    const run = Promise.resolve().then(() => program({ root, access }));
    return run.catch((error: unknown) => void (failure = error as Error));
  });
  await pulumi.runtime.disconnect();
  // The problems themselves, not what Pulumi would show of them.
  if (failure !== undefined) throw problemsOf(failure);
}

function standInsFor(config: Record<string, unknown>): Partial<typeof STAND_INS> {
  const named = Object(config[`${PROJECT}:aws`]) as Partial<typeof STAND_INS>;
  return Object.fromEntries(Object.entries(STAND_INS).filter(([name]) => !(name in named)));
}

function problemsOf(error: Error): Error {
  return error.cause instanceof InvalidInputError ? error.cause : error;
}

/** The configuration of a stack as Pulumi hands it to the program: by full key, mappings as JSON. */
function configOf(stack: Stack, root: string, target?: Settings["target"]): Record<string, string> {
  const config = completed(readConfig(stack, root) ?? {}, target);
  const text = (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value));
  return Object.fromEntries(Object.entries(config).map(([key, value]) => [key, text(value)]));
}

function completed(config: Record<string, unknown>, target?: Settings["target"]): Record<string, unknown> {
  const named = target === undefined ? config : { ...config, [`${PROJECT}:target`]: target };
  const aws = config[`${PROJECT}:aws`] ?? {};
  // What is no mapping is for the schema to refuse.
  return typeof aws === "object" ? { ...named, [`${PROJECT}:aws`]: { ...STAND_INS, ...aws } } : named;
}

function readConfig(stack: Stack, root: string): Record<string, unknown> | undefined {
  try {
    const file = readFileSync(join(root, `Pulumi.${stack}.yaml`), "utf8");
    return (parse(file) as { config?: Record<string, unknown> } | null)?.config;
  } catch (error) {
    // Synth has the sentence for a file that can't be read.
    readSettings(stack, root);
    throw error;
  }
}
