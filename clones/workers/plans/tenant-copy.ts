/** Makes a neutralised copy of a Loomworks tenant's database, or ends one. */
import type { CopyBackend } from "../../copies/copies";
import { copyIdOf } from "../../domain/tenant-copy";
import type { Job } from "../../domain/job";
import type { WorkerDeps } from "../engine/deps";
import { JobPlan, StepFailure } from "../engine/plan";
import { copyEndWishOf, copyWishOf } from "./requests";

type CopyDeps = Pick<WorkerDeps, "copies">;

export function tenantCopyPlan(job: Job, deps: CopyDeps): JobPlan {
  const id = copyIdOf(job.id);
  return {
    steps: [
      {
        name: "copy",
        share: 100,
        message: "Copying the database and its files, and neutralising them",
        run: async ({ signal }) => {
          const { id: jobId, tenantId } = job;
          await copiesOf(deps).create({ jobId, tenantId, ...copyWishOf(job.request) }, signal);
          return undefined;
        },
        stands: async () => {
          const copy = await copiesOf(deps).find(id);
          return copy !== undefined && copy.state !== "ending";
        },
        undo: async ({ signal }) => {
          await copiesOf(deps).remove(id, signal);
        },
      },
    ],
    complete: async () => {
      // Read anew: it may have been extended since.
      const copy = await copiesOf(deps).find(id);
      if (copy?.state !== "ready") throw gone(id);
      const { url, database, expiresAt } = copy;
      const result = { copy_id: id, database, copy_url: url, expires_at: expiresAt.toISOString() };
      return { message: "The copy can be used", result, ttlExpiresAt: expiresAt };
    },
  };
}

export function endTenantCopyPlan(job: Job, deps: CopyDeps): JobPlan {
  const { copyId } = copyEndWishOf(job.request);
  return {
    steps: [
      {
        name: "remove",
        share: 100,
        message: "Removing the copy, its database and its files",
        run: async ({ signal, earlier }) => {
          const removed = await copiesOf(deps).remove(copyId, signal);
          // Begun by an earlier attempt, it may have gone by that.
          return { removed: removed || earlier?.state === "begun" };
        },
      },
    ],
    complete: ({ outputOf }) => {
      const removed = outputOf("remove")?.removed === true;
      const message = removed ? "The copy has gone" : "There was no such copy any more";
      return Promise.resolve({ message, result: { copy_id: copyId, removed } });
    },
  };
}

/** @throws {StepFailure} TENANT_COPY_OFF: switched off since the request was taken */
function copiesOf({ copies }: CopyDeps): CopyBackend {
  if (copies !== undefined) return copies;
  const message =
    "TENANT_COPY_OFF service: got no installation; copies are switched off. Operators can switch them on.";
  throw new StepFailure("TENANT_COPY_OFF", message, false);
}

function gone(id: string): StepFailure {
  const message = `TENANT_COPY_ENDED copy: got ${JSON.stringify(id)}; it ended before it was handed out. Ask again.`;
  return new StepFailure("TENANT_COPY_ENDED", message, false);
}
