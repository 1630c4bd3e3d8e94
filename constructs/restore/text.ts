/** What a restore tells at its end. */
import { DATA_FOLDER } from "../loomworks/postgres";
import type { RestoreRequest } from "./args";
import type { RestoreReport } from "./follow";

export function restoredText(report: RestoreReport | undefined): string {
  if (report === undefined) return "Restored. Its pod has gone, and with it what it had to tell.";
  const { backup, timeline, reachedTime, reachedLsn, seconds } = report;
  const commit = reachedTime === "" ? "no commit after the backup" : `the last commit is of ${reachedTime}`;
  return `Restored from ${backup} in ${seconds} s: ${commit}, at ${reachedLsn}; its timeline is ${timeline}.`;
}

/** @param odooReplicas of --in-place: how many there are to start with */
export function nextStep(
  { name, place }: RestoreRequest,
  namespace: string,
  report: RestoreReport | undefined,
  odooReplicas?: number,
): string {
  if (place.kind === "in-place") return nextInPlace(namespace, report?.aside ?? "", odooReplicas);
  return `Next: take what you need from it, then delete it.

  kubectl -n ${namespace} rollout status deploy/${name}
  kubectl -n ${namespace} exec deploy/${name} -- psql -l
  kubectl -n ${namespace} exec deploy/${name} -- pg_dump --format=custom --table=TABLE DATABASE >TABLE.dump
  kubectl -n ${namespace} delete deploy,job,pvc,cm,networkpolicy,sa -l app.kubernetes.io/name=${name}`;
}

function nextInPlace(namespace: string, aside: string, odooReplicas = 1): string {
  return `PostgreSQL is up, and Odoo is not. Next: look at the data, then let people in.

  kubectl -n ${namespace} exec postgres-0 -c postgres -- psql -U postgres -l
  kubectl -n ${namespace} scale deploy/odoo --replicas=${odooReplicas}
  kubectl -n ${namespace} scale deploy/odoo-cron --replicas=1
  kubectl -n ${namespace} create job --from=cronjob/postgres-backup after-restore-$(date +%s)

The old data stay aside until you delete them:

  kubectl -n ${namespace} exec postgres-0 -c postgres -- rm -rf ${DATA_FOLDER}/${aside === "" ? "pgdata.before-…" : aside}`;
}
