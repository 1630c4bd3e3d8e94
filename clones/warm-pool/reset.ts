/**
 * How a pod comes back from a clone: MySQL erased and set up anew, new passwords, no file, new keys and salts, the image's own
 * WordPress installed anew, and all of that read back. What can't be proven is thrown (decision 9).
 */
import { PatchStrategy, setHeaderOptions } from "@kubernetes/client-node";
import type { Clock } from "../provisioner/clock";
import type { Kube } from "../provisioner/kube";
import * as commands from "./commands";
import { commandFailed, unproven } from "./errors";
import type { PodCommand, PodExec } from "./exec";
import { newCredentials, RandomBytes, secretNameOf } from "./manifest";

/** What was read back and found as it must be. */
export interface ResetProof {
  readonly checked: readonly string[];
}

export interface PodReset {
  /** @throws {WarmPodError} if anything failed or is in doubt: the pod must go then */
  reset(pod: string, signal: AbortSignal): Promise<ResetProof>;
}

export interface PodAdoption {
  /** Gives the pod's WordPress this administrator, and no other. May be made again. */
  adopt(pod: string, administrator: Administrator, signal: AbortSignal): Promise<void>;
}

/** Not to be logged. */
export interface Administrator {
  readonly username: string;
  readonly password: string;
}

export interface ExecOptions {
  readonly namespace: string;
  readonly clock: Clock;
  readonly randomBytes?: RandomBytes;
}

/** Until WordPress has installed itself again. */
const RESTART_SECONDS = 180;
const LOOK_MILLISECONDS = 1000;

/** WordPress and MySQL. */
const CONTAINERS = 2;

/** By commands in the pod's containers, all of which stand in commands.ts. */
export class ExecPodReset implements PodReset, PodAdoption {
  constructor(
    private readonly kube: Pick<Kube, "corev1">,
    private readonly exec: PodExec,
    private readonly options: ExecOptions,
  ) {}

  async reset(pod: string, signal: AbortSignal): Promise<ResetProof> {
    const credentials = newCredentials(this.options.randomBytes);
    const run = (what: string, command: PodCommand) => this.run(pod, what, command, signal);
    const before = await this.restartsOf(pod);
    if (before.size < CONTAINERS) throw unproven(pod, [`${before.size} containers instead of ${CONTAINERS}`]);
    const oldKeys = (await run("hash of the old keys", commands.keysHash)).trim();
    await this.replaceSecret(pod, credentials);
    const since = Number((await run("mark of MySQL", commands.eraseDatabase)).trim());
    if (!(since > 0)) throw unproven(pod, ["MySQL's container didn't say what time it is"]);
    await run("wipe", commands.wipeFiles);
    for (const command of commands.restarts) await run("restart", command);
    await this.untilRestarted(pod, before, signal);

    const content = linesOf(await run("look at MySQL", commands.databaseContent(since)));
    const tables = linesOf(await run("look at MySQL's files", commands.oldDatabaseFiles(since)));
    const files = linesOf(await run("look at the files", commands.strangeFiles));
    const newKeys = (await run("hash of the new keys", commands.keysHash)).trim();
    const findings = [
      ...differences(commands.cleanDatabase(credentials), content),
      ...tables.map((file) => `old file of MySQL ${file}`),
      ...files.map((file) => `file ${file}`),
      ...(/^[0-9a-f]{64}$/.test(newKeys) && newKeys !== oldKeys ? [] : ["keys and salts of before"]),
    ];
    if (findings.length > 0) throw unproven(pod, findings);
    return { checked: ["database", "accounts", "tables", "MySQL's files", "users", "files", "keys and salts"] };
  }

  async adopt(pod: string, administrator: Administrator, signal: AbortSignal): Promise<void> {
    const answer = await this.run(pod, "adoption", commands.adoption(administrator), signal);
    if (!answer.includes(commands.ADOPTED)) throw commandFailed(pod, "adoption", "it didn't say that it was done");
  }

  private async run(pod: string, what: string, command: PodCommand, signal: AbortSignal): Promise<string> {
    try {
      return await this.exec(this.options.namespace, pod, command, signal);
    } catch (error) {
      throw commandFailed(pod, what, error instanceof Error ? error.message : String(error));
    }
  }

  private async replaceSecret(pod: string, stringData: Record<string, string>): Promise<void> {
    const { namespace } = this.options;
    const options = setHeaderOptions("Content-Type", PatchStrategy.MergePatch);
    await this.kube.corev1.patchNamespacedSecret({ name: secretNameOf(pod), namespace, body: { stringData } }, options);
  }

  /** Both containers began anew, and answer. */
  private async untilRestarted(pod: string, before: ReadonlyMap<string, number>, signal: AbortSignal): Promise<void> {
    const { clock } = this.options;
    const end = clock.now().getTime() + RESTART_SECONDS * 1000;
    while (clock.now().getTime() < end) {
      const now = await this.restartsOf(pod, true);
      if ([...before].every(([name, count]) => (now.get(name) ?? -1) > count)) return;
      await clock.sleep(LOOK_MILLISECONDS, signal);
    }
    throw commandFailed(pod, "restart", `its containers weren't back within ${RESTART_SECONDS} s`);
  }

  /** Restarts by container. @param ready only those that answer */
  private async restartsOf(pod: string, ready = false): Promise<Map<string, number>> {
    const { status } = await this.kube.corev1.readNamespacedPod({ name: pod, namespace: this.options.namespace });
    const containers = (status?.containerStatuses ?? []).filter((container) => container.ready || !ready);
    return new Map(containers.map(({ name, restartCount }) => [name, restartCount]));
  }
}

/** For a pool whose pods are used once. */
export const NO_RESET: PodReset = {
  reset: (pod) => Promise.reject(unproven(pod, ["its reset isn't asked for"])),
};

function linesOf(text: string): string[] {
  return text.split("\n").filter((line) => line !== "");
}

/** What is there and shouldn't be, and the other way round. */
function differences(expected: readonly string[], found: readonly string[]): string[] {
  return [
    ...found.filter((line) => !expected.includes(line)),
    ...expected.filter((line) => !found.includes(line)).map((line) => `missing: ${line}`),
  ];
}
