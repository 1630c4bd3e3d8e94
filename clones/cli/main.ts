/** Clones by hand: `npm run clones -- --help`. */
import { KubeConfig } from "@kubernetes/client-node";
import { runCommand } from "../../constructs/shared/cli";
import type { WordPressClone } from "../domain/clone";
import { expiryOf } from "../domain/expiry";
import { Clock, systemClock } from "../provisioner/clock";
import { Kube } from "../provisioner/kube";
import { CloneProvisioner } from "../provisioner/provisioner";
import { parseCommandLine, USAGE } from "./args";
import { isOperatorCommand, runOperator } from "./operator";
import { listText, treeText } from "./text";
import { readTree, withoutCredentials } from "./tree";

export interface CliProcess {
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** Asked for when a command needs it: `--help` needs no cluster. */
  readonly config: () => KubeConfig;
  readonly print: (text: string) => void;
  readonly clock?: Clock;
}

/** @returns the exit code; 1 if there was nothing to delete */
export async function runCli({ args, env, config, print, clock = systemClock }: CliProcess): Promise<number> {
  if (isOperatorCommand(args)) return await runOperator({ args, env, config, print });
  const line = parseCommandLine(args, env);
  const show = (object: unknown, text: () => string) =>
    print(line.json ? JSON.stringify(object, undefined, 2) : text());
  if (line.command === "help") {
    print(USAGE);
    return 0;
  }
  const kube = new Kube(config());
  const clones = new CloneProvisioner(kube, { namespace: line.namespace, clock });
  switch (line.command) {
    case "list": {
      const all: WordPressClone[] = [];
      for await (const clone of clones.allClones(line)) all.push(withoutCredentials(clone));
      show(all, () => listText(all, clock.now()));
      return 0;
    }
    case "tree": {
      const tree = await readTree(kube, await clones.getClone(line.id));
      show(tree, () => treeText(tree, clock.now()));
      return 0;
    }
    case "extend": {
      const clone = withoutCredentials(await clones.extendClone(line.id, line.ttlSeconds));
      show(clone, () => `${line.id} ends at ${expiryOf(clone).toISOString()}.`);
      return 0;
    }
    case "delete": {
      const deleted = await clones.deleteClone(line.id, { wait: line.wait });
      const told = deleted ? (line.wait ? "has gone" : "is ending") : "isn't there";
      show({ id: line.id, deleted, gone: line.wait || !deleted }, () => `${line.id} ${told}.`);
      return deleted ? 0 : 1;
    }
  }
}

if (require.main === module) {
  const config = () => {
    const loaded = new KubeConfig();
    loaded.loadFromDefault();
    return loaded;
  };
  runCommand(
    async () =>
      await runCli({ args: process.argv.slice(2), env: process.env, config, print: (text) => console.log(text) }),
  );
}
