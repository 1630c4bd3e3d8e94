/** What every line is made from: the plan, the objects of dist, prices of one region, and problems as they are met. */
import type { Problem } from "../../../constructs/shared/problems";
import type { BufferCapacity } from "../../karpenter/buffer-capacity";
import { bufferOf } from "../buffer";
import type { Plan, PlannedResource } from "../model";
import type { KubernetesObject } from "../report/kubernetes";
import type { Assumptions } from "./assumptions";
import { CostLine, cents, HOURS_A_MONTH, Price, System } from "./model";
import { DATABASES, INSTANCES, PriceName, PRICES, PriceRow, Quote, Region, Unit } from "./prices";
import { SOURCES } from "./sources";

export interface LineArgs {
  readonly id: string;
  readonly name: string;
  readonly system: System;
  readonly quantity: number;
  readonly price: Price;
  readonly resources: readonly PlannedResource[];
  readonly assumption?: string;
}

/** How nodes are bought. */
export type Purchase = "on-demand" | "spot";

export class CostContext {
  readonly problems: Problem[] = [];

  /** @param objects of Kubernetes: those of the plan, and those of dist that somebody else applies */
  constructor(
    readonly plan: Plan,
    readonly objects: readonly KubernetesObject[],
    readonly region: Region,
    readonly assumptions: Assumptions,
  ) {}

  /** Of the warm nodes, where the stack has any. */
  get buffer(): BufferCapacity | undefined {
    return bufferOf(this.plan);
  }

  price(name: PriceName): Price {
    const { unit, offer, quotes }: PriceRow = PRICES[name];
    return priceOf(unit, offer, quotes[this.region]);
  }

  instance(type: string, purchase: Purchase, path: string): Price {
    const row = INSTANCES[type]?.[this.region];
    if (row === undefined) return this.missing(`EC2 ${type}`, path, Object.keys(INSTANCES));
    const [onDemand, spot] = row;
    const listed = this.region === "us-east-1" ? "karpenter" : "catalogue";
    return priceOf("hour", "AmazonEC2", purchase === "spot" ? [spot, "spot"] : [onDemand, listed]);
  }

  database(instanceClass: string, path: string): Price {
    const quote = DATABASES[instanceClass]?.[this.region];
    if (quote === undefined) return this.missing(`RDS for MySQL ${instanceClass}`, path, Object.keys(DATABASES));
    return priceOf("hour", "AmazonRDS", quote);
  }

  /** The price of nothing, and a problem that keeps anybody from seeing it. */
  missing(what: string, path: string, known: readonly string[]): Price {
    this.problems.push({
      code: "COST_PRICE",
      path,
      value: what,
      reason: `the price list has no such price in ${this.region}; it has ${known.join(", ")}`,
      remedy: "Look it up and add it to infra/plan/cost/prices.ts, as docs/cost.md says",
    });
    return priceOf("hour", "", [0, "memory"]);
  }

  /** No line, and a problem: to leave something out would be a wrong sum. */
  unpriced({ type, path }: PlannedResource, reason: string): [] {
    const remedy = "Price the type in infra/plan/cost/cost.ts, or add it to the free ones in infra/plan/cost/free.ts";
    this.problems.push({ code: "COST_UNPRICED", path, value: type, reason, remedy });
    return [];
  }
}

export function priceOf(unit: Unit, offer: string, [usd, source]: Quote): Price {
  const { title, date, confidence } = SOURCES[source];
  return { usd, unit, offer, source: title, date, confidence };
}

/** Hours a month that a unit is billed for; what is no hour is billed once. */
export function hoursOf(unit: Unit): number {
  return unit === "hour" || unit === "LCU-hour" ? HOURS_A_MONTH : 1;
}

export function lineOf({ resources, quantity, ...line }: LineArgs): CostLine {
  const { usd, unit } = line.price;
  const hours = hoursOf(unit);
  const amount = Math.round(quantity * 1000) / 1000;
  return {
    ...line,
    quantity: amount,
    usd: cents(amount * usd * hours),
    formula: `${amount.toLocaleString("en-US")} × $${usd}/${unit}${hours === 1 ? "" : ` × ${hours} h`}`,
    resources: resources.map(({ urn }) => urn),
  };
}
