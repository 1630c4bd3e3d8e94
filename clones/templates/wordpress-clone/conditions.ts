/**
 * The conditions of a clone. KRO leaves a condition as it was while its expression lacks something, a node that isn't made
 * yet for one. CEL's `&&` and `||` need only one side to decide, so what decides early stands beside what comes late.
 */
import { hasAddress } from "./database";
import { byDatabase, DATABASE, HAS_PATH, IS_WARM, NODES } from "./expressions";
import { IS_RUNNING } from "./routing";

export interface Condition {
  readonly type: string;
  /** CEL: whether it holds. */
  readonly holds: string;
  /** CEL: one word for programs. */
  readonly reason: string;
  /** CEL: a sentence for people. */
  readonly message: string;
}

const HAS_READY_POD = podWith('p.?status.?conditions.orValue([]).exists(c, c.type == "Ready" && c.status == "True")');
const HAS_RUNNING_POD = podWith("true");
const HAS_COMING_POD =
  `${NODES.pods}.exists(p, !has(p.metadata.deletionTimestamp) && ` +
  '["Pending", "Running"].exists(x, x == p.?status.?phase.orValue("Pending")))';

/** A host is routed as soon as the Ingress is there; a path, once the load balancer has an address. */
const IS_ROUTED =
  `(${HAS_PATH} ? ${NODES.ingress}.?status.?loadBalancer.?ingress.orValue([])` +
  `.exists(i, i.?hostname.orValue("") != "") : ${NODES.ingress}.metadata.name != "")`;

/**
 * A Job makes another pod for one that is lost, but the files that were brought into that one are gone. A Job that fails
 * ends its pod itself, and says so first.
 */
const IS_LOST = ofJob(
  "false",
  (job) =>
    `${job}.?status.?failed.orValue(0) > 0 && ` +
    `!${job}.?status.?conditions.orValue([]).exists(c, c.type == "FailureTarget" || c.type == "Failed")`,
);

/** Whether WordPress answers, as the clone that it was made, and requests reach it. */
export const IS_READY = `${HAS_READY_POD} && ${IS_ROUTED} && !${IS_LOST}`;

const DATABASE_HAS_ADDRESS = `${NODES.dbInstance}.exists(d, ${hasAddress("d")})`;

/** What ACK says it can't do, and won't try again; empty if there is nothing. */
const DATABASE_FAILURE = `${NODES.dbInstance}.map(d, ${textOf("d", "ACK.Terminal", "message")}).join("")`;

/** Why the Job was given up; empty if it wasn't. */
const JOB_FAILURE = jobFailure("reason");

const DATABASE_FAILED = `${DATABASE_FAILURE} != ""`;

/** A warm pod that ended is none that comes again; a Job makes another one. */
const POD_ENDED =
  `${IS_WARM} && ${NODES.pods}` + '.exists(p, ["Failed", "Succeeded"].exists(x, x == p.?status.?phase.orValue("")))';

const FAILED = `${DATABASE_FAILED} || ${POD_ENDED} || ${JOB_FAILURE} != "" || ${IS_LOST}`;

const KRO = 'runtime.condition(schema, "ResourcesReady")';

/** Each as an expression of KRO's. */
export function conditions(): string[] {
  return [
    conditionOf(databaseCondition()),
    conditionOf(readyCondition()),
    // There only when it holds: KRO tells every condition that is False by an event of type Warning.
    `(${FAILED}) ? [${conditionOf(failedCondition())}] : []`,
    conditionOf(reconciledCondition()),
  ];
}

export function conditionOf({ type, holds, reason, message }: Condition): string {
  const status = `(${holds}) ? "True" : "False"`;
  return `runtime.newCondition({type: "${type}", status: ${status}, reason: ${reason}, message: ${message}})`;
}

/** The documents' words for a dedicated database; of the others it says what there is to say. */
function databaseCondition(): Condition {
  return {
    type: "Database",
    holds: byDatabase({
      dedicated: `${DATABASE_HAS_ADDRESS} && !(${DATABASE_FAILED})`,
      shared: `${NODES.database}.metadata.name != ""`,
      sidecar: HAS_READY_POD,
      sqlite: HAS_RUNNING_POD,
    }),
    reason: byDatabase({
      dedicated: `(${DATABASE_FAILED} ? "Refused" : ${DATABASE_HAS_ADDRESS} ? "Available" : "Provisioning")`,
      shared: '"Shared"',
      sidecar: '"Sidecar"',
      sqlite: '"File"',
    }),
    message: byDatabase({
      dedicated:
        `(${DATABASE_FAILED} ? "RDS refused: " + ${DATABASE_FAILURE} : ` +
        `${DATABASE_HAS_ADDRESS} ? "RDS ready" : "RDS provisioning in progress")`,
      shared: `"Shared server " + ${NODES.database}.data["WORDPRESS_DB_HOST"]`,
      sidecar: `(${HAS_READY_POD} ? "MySQL ready beside WordPress" : "MySQL starting beside WordPress")`,
      sqlite: '"SQLite file in the pod"',
    }),
  };
}

function readyCondition(): Condition {
  // Images that can't be pulled, containers that crash: the kubelet's own words.
  const waiting =
    `${NODES.pods}.map(p, p.?status.?containerStatuses.orValue([])` +
    '.map(s, s.?state.?waiting.?reason.orValue("")).filter(r, r != "").join(", ")).filter(r, r != "").join(", ")';
  const stage = (lost: string, routed: string, ready: string, starting: string, none: string, database: string) =>
    `(${HAS_READY_POD} ? (${IS_LOST} ? "${lost}" : ${IS_ROUTED} ? "${ready}" : "${routed}") : ` +
    `${HAS_COMING_POD} ? ${starting} : ` +
    `${DATABASE} == "dedicated" && !(${DATABASE_HAS_ADDRESS}) ? "${database}" : "${none}")`;
  return {
    type: "Ready",
    holds: IS_READY,
    reason: stage("PodLost", "RoutePending", "Serving", '"PodStarting"', "PodPending", "DatabasePending"),
    message: stage(
      "Another pod runs; the files of the first are lost",
      "WordPress is ready; its address isn't yet",
      "WordPress serves",
      `"WordPress starts" + (${waiting} != "" ? ": " + ${waiting} : "")`,
      "Waits for its pod",
      "Waits for its database",
    ),
  };
}

function failedCondition(): Condition {
  return {
    type: "Failed",
    holds: FAILED,
    reason:
      `(${DATABASE_FAILED} ? "DatabaseRefused" : ${POD_ENDED} ? "PodEnded" : ` +
      `${JOB_FAILURE} != "" ? ${JOB_FAILURE} : "PodLost")`,
    message:
      `(${DATABASE_FAILED} ? "RDS refused: " + ${DATABASE_FAILURE} : ` +
      `${POD_ENDED} ? "The warm pod ended" : ` +
      `${JOB_FAILURE} != "" ? "The Job failed: " + ${jobFailure("message")} : "Its pod was lost, and with it its files")`,
  };
}

/** KRO's own view, errors of applying among them: a clone may serve while KRO can't change it. */
function reconciledCondition(): Condition {
  return {
    type: "Reconciled",
    holds: `${KRO}.status == "True"`,
    reason: `${KRO}.reason`,
    message: `${KRO}.message`,
  };
}

function podWith(predicate: string): string {
  return `${NODES.pods}.exists(p, ${IS_RUNNING} && ${predicate})`;
}

/** A field of the condition `type` of an object, if that condition holds; empty if it doesn't. */
export function textOf(object: string, type: string, field: "reason" | "message"): string {
  const holding = `.filter(c, c.type == "${type}" && c.status == "True")`;
  return `${object}.?status.?conditions.orValue([])${holding}.map(c, c.?${field}.orValue("")).join("")`;
}

function jobFailure(field: "reason" | "message"): string {
  return ofJob('""', (job) => textOf(job, "Failed", field));
}

/** An expression of the one Job that the clone has, or what there is to say of a warm clone, which has none. */
function ofJob(warm: string, expression: (job: string) => string): string {
  const [job, sidecarJob] = [NODES.job, NODES.sidecarJob].map(expression);
  return `(${IS_WARM} ? ${warm} : ${DATABASE} == "sidecar" ? ${sidecarJob} : ${job})`;
}
