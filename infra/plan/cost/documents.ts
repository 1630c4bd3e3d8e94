/** The documents' buffer, two t2.small by spot, at our prices and with our clones. */
import { bufferCapacity } from "../../karpenter/buffer-capacity";
import type { CostContext } from "./context";
import { cents, HOURS_A_MONTH } from "./model";

const NODES = 2;
const TYPE = "t2.small";

export function bufferOfDocuments(context: CostContext) {
  const clone = context.buffer?.clone;
  const clones = clone === undefined ? 0 : bufferCapacity({ instanceType: TYPE, nodes: NODES, clone }).clones;
  const monthly = (purchase: "spot" | "on-demand") =>
    cents(NODES * context.instance(TYPE, purchase, "aws.karpenter.buffer.instanceType").usd * HOURS_A_MONTH);
  return { nodes: NODES, clones, usd: monthly("spot"), onDemand: monthly("on-demand") };
}
