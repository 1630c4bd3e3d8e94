/** What a stack costs in AWS: the sum, every line with its source, the documents' figures, and what would change it. */
import { CostLine, dollars, StackCost, SYSTEMS } from "../../cost/model";
import { caveat, sourcesOf, sourceText } from "../../cost/render";
import { costView } from "../../cost/view";
import { objectsOf, StackReport } from "../model";
import { Content, html, Markup } from "./markup";
import { list, table } from "./parts";

export function costSection(report: StackReport): Markup {
  const { cost, notice } = costView(report.plan, objectsOf(report));
  if (cost !== undefined) return costOfStack(cost);
  return notice === undefined
    ? html`<p class="none">Nothing is made in AWS, and nothing is paid there.</p>`
    : html`<p class="warning">Not known. ${notice}</p>`;
}

function costOfStack(cost: StackCost): Markup {
  const { stack, region, lines, total, bySystem, comparison, levers } = cost;
  const sources = sourcesOf(lines);
  return html`<p>
      <strong>${dollars(total)} a month</strong> before tax, by list prices of <code>${region}</code>:
      ${SYSTEMS.map((system) => `${system} ${dollars(bySystem[system])}`).join(", ")}. ${caveat(cost)}
    </p>
    ${table(
      `Cost of ${stack}, line by line`,
      ["Line", "For", "A month", "Formula and assumption", "Source"],
      lines.map((line) => lineRow(line, sources)),
    )}
    ${table(
      `Cost of ${stack}, against the documents' figures`,
      ["The documents", "Their figure", "Here", "A month", "Why"],
      comparison.map(({ theirs, figure, ours, usd, because }) => [theirs, figure, ours, dollars(usd), because]),
    )}
    <p>What would change it:</p>
    ${list(levers)}
    <p>Sources of the prices, by number:</p>
    <ol>
      ${sources.map((source) => html`<li>${source}</li>`)}
    </ol>`;
}

function lineRow(line: CostLine, sources: readonly string[]): Content[] {
  const { name, system, usd, formula, assumption, price } = line;
  const assumed = assumption === undefined ? undefined : html`<br /><small>assumed: ${assumption}</small>`;
  const source = `${price.offer}, ${sources.indexOf(sourceText(price)) + 1}`;
  return [name, system, dollars(usd), html`<code>${formula}</code>${assumed}`, source];
}
