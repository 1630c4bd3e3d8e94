import type { ResourceGraphDefinitionSpecResources as Node } from "../../../constructs/imports/kro.run";
import { HOST } from "./database";
import { cel, childLabels, childName, DATABASE, IS_WARM, NODES, TTL_SECONDS } from "./expressions";
import { clonePod } from "./pod";

/** On the Job: the host that its pod was given. Naming it has KRO wait until RDS has an address. */
const HOST_ANNOTATION = "clones.betaweb.ai/database-host";

/** Restarts of a pod's containers, or new pods, until a clone is given up. */
const BACKOFF_LIMIT = 3;

/**
 * The Jobs that run WordPress, of which a clone has one, or none where a warm pod serves: one kind with MySQL beside it and
 * one without, because a list of containers can't have one that is there at times. Nothing refers to them but status, so
 * that `includeWhen` will do: for a list of one or none, KRO would look through the Jobs of all clones each time.
 */
export function jobNodes(): Node[] {
  return [jobNode(NODES.job, '!= "sidecar"', false), jobNode(NODES.sidecarJob, '== "sidecar"', true)];
}

function jobNode(id: string, database: string, sidecar: boolean): Node {
  return {
    id,
    includeWhen: [cel(`!(${IS_WARM}) && ${DATABASE} ${database}`)],
    template: {
      apiVersion: "batch/v1",
      kind: "Job",
      metadata: {
        name: childName(),
        labels: childLabels(),
        annotations: { [HOST_ANNOTATION]: cel(HOST) },
        // KRO deletes without saying what becomes of the pods, and for Jobs the API server's default is to leave them
        // behind, running. This finalizer says: the pods first.
        finalizers: ["foregroundDeletion"],
      },
      spec: {
        // It never completes. Should every controller of ours be dead, this is what ends it (decision 2).
        activeDeadlineSeconds: cel(TTL_SECONDS),
        ttlSecondsAfterFinished: cel(TTL_SECONDS),
        backoffLimit: BACKOFF_LIMIT,
        template: clonePod(cel("schema.spec.image"), sidecar),
      },
    },
  };
}
