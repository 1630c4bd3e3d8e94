/** A stack's cost for people: the sum and the largest lines, or all of it. */
import { Comparison, CostLine, dollars, Price, StackCost, SYSTEMS } from "./model";

/** As many lines as a terminal shows beside the plan. */
const LARGEST = 8;

export function renderCost(cost: StackCost, all = false): string {
  const { stack, region, lines, total, bySystem } = cost;
  const sources = sourcesOf(lines);
  const rest = lines.length - LARGEST;
  return [
    `Cost of ${stack}, by list prices of ${region}: ${dollars(total)} a month before tax`,
    ...SYSTEMS.map((system) => `  ${system.padEnd(10)} ${dollars(bySystem[system]).padStart(12)}`),
    "",
    ...(all
      ? ["Line by line:", ...lines.flatMap((line) => fullLine(line, sources))]
      : lines.slice(0, LARGEST).map(shortLine)),
    ...(all || rest <= 0 ? [] : [`  … and ${rest} lines more, with their sources: npm run plan -- --cost`]),
    "",
    ...(all ? details(cost, sources) : []),
  ].join("\n");
}

/** Where the prices of the lines are from, each once. */
export function sourcesOf(lines: readonly CostLine[]): string[] {
  return [...new Set(lines.map(({ price }) => sourceText(price)))];
}

export function sourceText({ source, date, confidence }: Price): string {
  return `${date}, ${confidence}: ${source}`;
}

/** What stands for what, in a sentence for each line of the documents. */
export function comparisonText({ theirs, figure, ours, usd, because }: Comparison): string {
  return `${theirs}: ${figure}. ${ours}: ${dollars(usd)}. ${because}.`;
}

/** What a reader should know before relying on the sum. */
export function caveat({ uncheckedShare, region }: StackCost): string {
  const share = uncheckedShare < 0.01 ? "Less than 1" : Math.round(uncheckedShare * 100);
  return `${share} % of the sum rests on prices of which no stored copy was found. No account was asked, discounts and free tiers are left out, and prices are those of ${region}; docs/cost.md tells how to refresh them.`;
}

function shortLine({ usd, name, system, formula }: CostLine): string {
  return `  ${dollars(usd).padStart(10)}  ${name} [${system}]: ${formula}`;
}

function fullLine(line: CostLine, sources: readonly string[]): string[] {
  const { price, assumption } = line;
  const source = `(${price.offer || "–"}, source ${sources.indexOf(sourceText(price)) + 1})`;
  return [
    `${shortLine(line)} ${source}`,
    ...(assumption === undefined ? [] : [`              assumed: ${assumption}`]),
  ];
}

function details(cost: StackCost, sources: readonly string[]): string[] {
  return [
    "Against the documents' figures, which are of us-east-1:",
    ...cost.comparison.map((comparison) => `  - ${comparisonText(comparison)}`),
    "",
    "What would change it:",
    ...cost.levers.map((lever) => `  - ${lever}`),
    "",
    "Sources of the prices:",
    ...sources.map((source, at) => `  ${at + 1}. ${source}`),
    "",
    caveat(cost),
    "",
  ];
}
