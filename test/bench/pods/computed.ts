/** What issue 5's sum says that nodes hold which have nothing to do but clones. */
import { availableParallelism, totalmem } from "node:os";
import { readSettings } from "../../../constructs/settings";
import { readDist } from "../../../infra/dist";
import {
  allocatableOf,
  Amount,
  bufferCapacity,
  cloneSize,
  DAEMON_SETS,
  NODE_MAX_PODS,
} from "../../../infra/karpenter/buffer-capacity";
import { STACK } from "../../e2e/platform/small-machine";
import { REPOSITORY } from "../../support/pulumi-project";
import { fitting } from "./room";

const MIB = 2 ** 20;

export interface Computed {
  /** Of which node. */
  readonly node: string;
  readonly allocatable: Amount;
  readonly daemonSets: Amount;
  readonly clone: Amount;
  readonly clonesPerNode: number;
}

/** Of the stack's own buffer, and of a node of this machine's size. */
export function computedRooms(): Computed[] {
  const settings = readSettings(STACK, REPOSITORY);
  const clone = cloneSize(readDist(STACK, settings, REPOSITORY), settings.clones.database);
  if (clone === undefined) throw new Error(`dist/${STACK} has no graph of clones`);
  const { instanceType, nodes } = settings.aws.karpenter.buffer;
  const buffer = bufferCapacity({ instanceType, nodes, clone });
  const { daemonSets } = buffer;
  const size = { cpus: availableParallelism(), memoryMiB: Math.floor(totalmem() / MIB) };
  const allocatable = allocatableOf(size, NODE_MAX_PODS);
  const room = { ...allocatable, pods: NODE_MAX_PODS };
  const fit = fitting(room, { ...daemonSets, pods: Object.keys(DAEMON_SETS).length }, clone);
  return [
    { node: `${instanceType}, as the buffer of ${STACK} has ${nodes} of`, ...pick(buffer) },
    { node: "a node of this machine's size", allocatable, daemonSets, clone, clonesPerNode: fit.count },
  ];
}

function pick({ allocatable, daemonSets, clone, clonesPerNode }: Omit<Computed, "node">): Omit<Computed, "node"> {
  return { allocatable, daemonSets, clone, clonesPerNode };
}
