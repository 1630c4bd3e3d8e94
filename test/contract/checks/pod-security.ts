import { objectionsTo, RuleName } from "../../support/pod-security";
import { Check, nameOf, podTemplatesOf } from "./manifest";

/** A rule of the level "restricted" that some pods can't keep. */
export interface PodSecurityException {
  /** Whose pods: `Deployment loomworks/odoo`. */
  readonly workload: string;
  readonly rule: RuleName;
  /** Why they can't, and what holds them instead. */
  readonly reason: string;
}

/** Each pod keeps Pod Security "restricted", but for the exceptions; and each exception is still needed. */
export function checkPodSecurity(exceptions: readonly PodSecurityException[]): Check {
  return (docs) => {
    const broken = podTemplatesOf(docs).flatMap(({ owner, ...pod }) =>
      [...objectionsTo(pod)].map(([rule, objections]) => ({ workload: nameOf(owner), rule, objections })),
    );
    const covers = (exception: PodSecurityException, workload: string, rule: RuleName) =>
      exception.workload === workload && exception.rule === rule;
    return [
      ...broken
        .filter(({ workload, rule }) => !exceptions.some((it) => covers(it, workload, rule)))
        .map(({ workload, rule, objections }) => `${workload}: breaks "${rule}": ${objections.join("; ")}`),
      ...exceptions
        .filter((it) => !broken.some(({ workload, rule }) => covers(it, workload, rule)))
        .map(({ workload, rule }) => `${workload}: keeps "${rule}", so that its exception has to go`),
    ];
  };
}
