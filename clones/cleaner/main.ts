/** The cleaner's command line: `once` for the CronJob, `watch` for the process that ends clones on the second. */
import { KubeConfig } from "@kubernetes/client-node";
import { InvalidInputError } from "../../constructs/shared/problems";
import { reapCopies } from "../copies/reaper";
import { Clock, systemClock } from "../provisioner/clock";
import { Kube } from "../provisioner/kube";
import { watchClones } from "../provisioner/watch";
import { ReturnedWarmPods } from "../warm-pool/returned";
import { CloneFinalizer } from "./finalizer";
import { jsonLog } from "./log";
import { cleanOnce } from "./once";
import { Reaper } from "./reaper";
import { SharedSchemas } from "./schemas";
import { sharedDatabaseOf } from "./shared-database";
import { SingleUseWarmPods } from "./warm-pods";
import { CleanerWatch } from "./watcher";

export interface CleanerProcess {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly config: KubeConfig;
  readonly write: (line: string) => void;
  readonly signal: AbortSignal;
  readonly clock?: Clock;
}

/** @returns the exit code: 0 if nothing failed; what merely isn't finished is the next run's */
export async function runCleaner(cleaner: CleanerProcess): Promise<number> {
  const { args, env, config, write, signal, clock = systemClock } = cleaner;
  const command = commandOf(args);
  const namespaces = namespacesOf(env);
  const log = jsonLog(clock, write);
  const kube = new Kube(config);
  const warmPods = env.WARM_POOL_REUSE === "true" ? new ReturnedWarmPods(kube) : new SingleUseWarmPods(kube);
  const sharedDatabase = sharedDatabaseOf(env);
  const finalizer = new CloneFinalizer(kube, clock, { sharedDatabase, warmPods });
  const reaper = new Reaper(kube, finalizer, clock, log, new SharedSchemas(kube, sharedDatabase));
  if (command === "once") {
    const { failed } = await cleanOnce(kube, reaper, clock, log, { namespaces }, signal);
    const { COPIES_NAMESPACE: installation = "" } = env;
    const copies = installation === "" ? undefined : await reapCopies(kube, installation, clock, log);
    return failed + (copies?.failed ?? 0) > 0 ? 1 : 0;
  }
  log({ event: "watch.started", namespaces });
  await Promise.all(
    namespaces.map((namespace) =>
      new CleanerWatch(reaper, clock).run(watchClones(kube, { namespace }, clock, signal), signal),
    ),
  );
  log({ event: "watch.ended" });
  return 0;
}

function commandOf(args: readonly string[]): "once" | "watch" {
  const [command] = args;
  if (args.length === 1 && (command === "once" || command === "watch")) return command;
  throw wrong("command", args.join(" "), "the cleaner knows once and watch", "Give one of them");
}

/** Where it looks: by name, so that it needs no rights over the whole cluster. */
function namespacesOf(env: Readonly<Record<string, string | undefined>>): string[] {
  const namespaces = (env.CLONE_NAMESPACES ?? "").split(",").filter((name) => name !== "");
  if (namespaces.length > 0) return namespaces;
  throw wrong("CLONE_NAMESPACES", env.CLONE_NAMESPACES, "it names no namespace", "Give them with commas between");
}

function wrong(path: string, value: unknown, reason: string, remedy: string): InvalidInputError {
  return new InvalidInputError([{ code: "CLEANER_ARGUMENT", path, value, reason, remedy }]);
}
