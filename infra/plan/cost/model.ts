/** What a stack costs in AWS, as data: lines, sums, and what they rest on. */
import type { Stack } from "../../../constructs/settings";
import type { Region, Unit } from "./prices";
import type { Confidence } from "./sources";

/** Whom a line is for: all together, the WordPress clones with their service, or Loomworks. */
export const SYSTEMS = ["platform", "clones", "loomworks"] as const;
export type System = (typeof SYSTEMS)[number];

/** AWS' own month, of its calculator and its price pages. */
export const HOURS_A_MONTH = 730;

export interface Price {
  /** US dollars, before tax. */
  readonly usd: number;
  readonly unit: Unit;
  /** Code of the offer in AWS' price list. */
  readonly offer: string;
  readonly source: string;
  /** Day of the price, `2026-07-20`. */
  readonly date: string;
  readonly confidence: Confidence;
}

export interface CostLine {
  /** The same in every stack: `nat.gateway`. */
  readonly id: string;
  readonly name: string;
  readonly system: System;
  /** In units of the price. */
  readonly quantity: number;
  readonly price: Price;
  /** US dollars a month, in whole cents. */
  readonly usd: number;
  /** `3 × $0.052/hour × 730 h`. */
  readonly formula: string;
  /** What the quantity rests on where the plan doesn't know it; {@link Assumptions} has its number. */
  readonly assumption?: string;
  /** URNs of what costs it; empty where only use does. */
  readonly resources: readonly string[];
}

/** A line of the documents' cost tables, and what stands in its place here. */
export interface Comparison {
  readonly theirs: string;
  /** US dollars a month, as written. */
  readonly figure: string;
  readonly ours: string;
  readonly usd: number;
  /** Why they differ. */
  readonly because: string;
}

export interface StackCost {
  readonly stack: Stack;
  /** That of the prices. */
  readonly region: Region;
  /** Largest first. */
  readonly lines: readonly CostLine[];
  /** US dollars a month; the sum of the lines, to the cent. */
  readonly total: number;
  readonly bySystem: Readonly<Record<System, number>>;
  /** Share of the total whose price nobody could check. */
  readonly uncheckedShare: number;
  readonly comparison: readonly Comparison[];
  /** What would change the sum, by how much. */
  readonly levers: readonly string[];
}

/** Whole cents: a sum of lines is then what a reader adds up. */
export function cents(usd: number): number {
  return Math.round(usd * 100 + Number.EPSILON) / 100;
}

export function sumOf(lines: readonly Pick<CostLine, "usd">[]): number {
  return cents(lines.reduce((sum, { usd }) => sum + usd, 0));
}

/** `$1,234.50`. */
export function dollars(usd: number): string {
  return `$${usd.toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;
}
