/** Follows a restore's Job to its end. */
import { setTimeout as sleep } from "node:timers/promises";
import type { V1Job, V1Pod } from "@kubernetes/client-node";
import { z } from "zod";
import { InvalidInputError } from "../shared/problems";
import type { RestoreCluster } from "./cluster";

/** What `scripts/restore.sh` says of itself with its last word. */
const reportSchema = z.object({
  backup: z.string(),
  timeline: z.number(),
  reachedTime: z.string(),
  reachedLsn: z.string(),
  seconds: z.number(),
  aside: z.string(),
});

export type RestoreReport = z.output<typeof reportSchema>;

export interface FollowOptions {
  readonly namespace: string;
  readonly name: string;
  readonly print: (text: string) => void;
  /** What to do if it fails, as a sentence without its stop. */
  readonly remedy: string;
  /** Pause between two looks, in milliseconds. @default 2000 */
  readonly intervalMs?: number;
}

/**
 * Returns with the Job's end what was restored; nothing where its pod has gone already.
 *
 * @throws {InvalidInputError} with the reason, if the Job failed
 */
export async function followJob(
  cluster: RestoreCluster,
  { namespace, name, print, remedy, intervalMs = 2000 }: FollowOptions,
): Promise<RestoreReport | undefined> {
  const told = new Set<string>();
  const tellOnce = (text: string) => {
    if (!told.has(text)) print(text);
    told.add(text);
  };
  for (;;) {
    const job = await cluster.job(namespace, name);
    const pods = await cluster.pods(namespace, `job-name=${name}`);
    if (has(job, "Complete")) return reportOf(pods);
    if (job === undefined || has(job, "Failed")) {
      const reason = job === undefined ? "somebody deleted the Job" : failureOf(job, pods);
      throw new InvalidInputError([{ code: "POSTGRES_RESTORE_FAILED", path: name, value: namespace, reason, remedy }]);
    }
    for (const { metadata, status } of pods) tellOnce(`  ${metadata?.name ?? ""}: ${status?.phase ?? "Pending"}`);
    for (const warning of await cluster.warnings(namespace, name)) tellOnce(`  ${warning}`);
    await sleep(intervalMs);
  }
}

function has(job: V1Job | undefined, type: "Complete" | "Failed"): boolean {
  return job?.status?.conditions?.some((condition) => condition.type === type && condition.status === "True") ?? false;
}

function reportOf(pods: readonly V1Pod[]): RestoreReport | undefined {
  const reports = lastWords(pods).map((word) => reportSchema.safeParse(word));
  return reports.find(({ success }) => success)?.data;
}

/** The script's own reason, or else what Kubernetes says. */
function failureOf({ status }: V1Job, pods: readonly V1Pod[]): string {
  const told = lastWords(pods).flatMap((word) => z.object({ reason: z.string() }).safeParse(word).data?.reason ?? []);
  const failed = status?.conditions?.find(({ type }) => type === "Failed");
  return told.at(-1) ?? failed?.message ?? "the Job failed";
}

/** What containers left in their termination messages; oldest pod first. */
function lastWords(pods: readonly V1Pod[]): unknown[] {
  const byAge = [...pods].sort((a, b) => created(a) - created(b));
  const messages = byAge.flatMap(({ status }) =>
    (status?.containerStatuses ?? []).flatMap(({ state }) => state?.terminated?.message ?? []),
  );
  return messages.flatMap((message) => {
    try {
      return [JSON.parse(message.trim().split("\n").at(-1) ?? "") as unknown];
    } catch {
      return [];
    }
  });
}

function created({ metadata }: V1Pod): number {
  return metadata?.creationTimestamp?.getTime() ?? 0;
}
