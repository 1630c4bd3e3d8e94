import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { FIELDS } from "../../clones/config";
import { METRIC_LABELS, MetricName, METRICS } from "../../clones/telemetry/names";

const document = readFileSync(resolve(__dirname, "../../docs/service.md"), "utf8");

/** Rows of a section's tables, whose first cell is a name in backticks: by that name, its cells. */
function rowsOf(heading: string): Record<string, readonly string[]> {
  const section = document.split(/^## /m).find((text) => text.startsWith(`${heading}\n`)) ?? "";
  const rows = [...section.matchAll(/^\| `(\w+)` *\|(.+)\|$/gm)];
  return Object.fromEntries(rows.map(([, name, rest]) => [name!, rest!.split("|").map((cell) => cell.trim())]));
}

describe("docs/service.md", () => {
  it("names every variable of the service, and no other, with its default", () => {
    const defaults = Object.entries(FIELDS).map(([name, field]) => {
      const { data } = field.safeParse(undefined);
      return [name, data === undefined ? "" : `\`${String(data)}\``];
    });
    const told = Object.entries(rowsOf("Variables")).map(([name, [standard]]) => [name, standard]);
    expect(Object.fromEntries(told)).toEqual(Object.fromEntries(defaults));
  });

  it("[CLONE-12] names every metric of the service, and no other, with its labels", () => {
    const labels = Object.values(METRICS).map((name: MetricName) => [
      name,
      METRIC_LABELS[name].map((label) => `\`${label}\``).join(", "),
    ]);
    const told = Object.entries(rowsOf("Metrics, traces, logs")).map(([name, [, shown]]) => [name, shown]);
    expect(Object.fromEntries(told)).toEqual(Object.fromEntries(labels));
  });
});
