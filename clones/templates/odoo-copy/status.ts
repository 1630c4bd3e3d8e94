/** What a copy says of itself. */
import { cel, NAME } from "../wordpress-clone/expressions";
import { conditionOf, textOf } from "../wordpress-clone/conditions";
import { NODES } from "./jobs";

const ENDED = "schema.spec.ended";

const isMade = `(!${ENDED} && ${holds(NODES.creation, "Complete")})`;
const isGivenUp = `(!${ENDED} && ${holds(NODES.creation, "Failed")})`;
const isRemoved = `${NODES.removal}.exists(j, ${holds("j", "Complete")})`;
const isStuck = `${NODES.removal}.exists(j, ${holds("j", "Failed")})`;

/** In the words of clones/domain/tenant-copy.ts. */
const PHASE =
  `${ENDED} ? (${isRemoved} ? "Removed" : ${isStuck} ? "RemoveFailed" : "Removing") : ` +
  `(${isMade} ? "Ready" : ${isGivenUp} ? "Failed" : "Creating")`;

/** Why a Job was given up, in the words of Kubernetes. */
const REASON =
  `${ENDED} ? ${NODES.removal}.map(j, ${textOf("j", "Failed", "message")}).join("") : ` +
  textOf(NODES.creation, "Failed", "message");

/** The last line of a pod that failed: JSON of copy-database.sh, with a code and a reason. */
const REPORTS = `${NODES.pods}.map(p, ${lastWords("initContainerStatuses")} + ${lastWords("containerStatuses")}).filter(m, m != "")`;

export function statusFields(domain: string): Record<string, unknown> {
  return {
    phase: cel(PHASE),
    ready: cel(isMade),
    failed: cel(`${isGivenUp} || ${isStuck}`),
    reason: cel(REASON),
    report: cel(`${REPORTS}.size() > 0 ? ${REPORTS}[0] : ""`),
    url: cel(`"https://" + ${NAME} + ".${domain}"`),
    conditions: [
      // KRO's own would be true as soon as the Job is there.
      conditionOf({
        type: "Ready",
        holds: isMade,
        reason: `(${PHASE})`,
        message: `(${isMade} ? "The copy can be used" : "The copy can't be used")`,
      }),
    ].map(cel),
  };
}

function holds(job: string, type: string): string {
  return `${job}.?status.?conditions.orValue([]).exists(c, c.type == "${type}" && c.status == "True")`;
}

/** Each list is of a type of its own for KRO, so that they can't be put together before. */
function lastWords(containers: "initContainerStatuses" | "containerStatuses"): string {
  return (
    `p.?status.?${containers}.orValue([]).filter(s, s.?state.?terminated.?exitCode.orValue(0) != 0)` +
    '.map(s, s.?state.?terminated.?message.orValue("")).join("")'
  );
}
