/** Ends a clone before its time. One that has ended already is as well. */
import type { Job } from "../../domain/job";
import type { WorkerDeps } from "../engine/deps";
import type { JobPlan } from "../engine/plan";
import { deleteWishOf } from "./requests";

export function deletePlan(job: Job, { backend }: Pick<WorkerDeps, "backend">): JobPlan {
  return {
    steps: [
      {
        name: "remove",
        share: 100,
        message: "Removing the clone and everything of it",
        run: async ({ signal, earlier }) => {
          const removed = await backend.remove(deleteWishOf(job.request).cloneId, signal);
          // Begun by an earlier attempt, it may have gone by that.
          return { removed: removed || earlier?.state === "begun" };
        },
      },
    ],
    complete: ({ outputOf }) => {
      const removed = outputOf("remove")?.removed === true;
      const message = removed ? "The clone has gone" : "There was no such clone any more";
      return Promise.resolve({ message, result: { clone_id: deleteWishOf(job.request).cloneId, removed } });
    },
  };
}
