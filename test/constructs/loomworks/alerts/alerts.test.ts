import { alertRules } from "../../../../constructs/loomworks/alert-rules";
import { PANELS } from "../../../../constructs/loomworks/dashboards";
import { EXPORTED } from "../../../support/exported-metrics";
import { loomworksSettings } from "../../../support/loomworks";
import { CASES } from "./cases";

/** Each metric that an expression asks for, and its matchers. */
function selectorsOf(expression: string) {
  return [...expression.matchAll(/([a-z_]+)\{([^}]*)\}/g)].map(([, metric = "", matchers = ""]) => ({
    metric,
    matchers,
  }));
}

/** Metrics that no exporter gives, and labels that theirs doesn't. */
function unknownIn(expression: string): string[] {
  return selectorsOf(expression).flatMap(({ metric, matchers }) => {
    const known = EXPORTED[metric];
    if (known === undefined) return [metric];
    const labels = [...matchers.matchAll(/(\w+)(?:=|!=|=~|!~)"/g)].map(([, label = ""]) => label);
    const strange = labels.filter((label) => label !== "namespace" && !known.labels.includes(label));
    return strange.map((label) => `${metric}{${label}}`);
  });
}

const rules = Object.values(alertRules(loomworksSettings())).flat();

describe("[LOOM-13] the alerts of an installation", () => {
  it.each(rules)("$name asks for figures that exist, by labels that they have", ({ expression }) => {
    expect(selectorsOf(expression).length).toBeGreaterThan(0);
    expect(unknownIn(expression)).toEqual([]);
  });

  it("are all held against figures", () => {
    expect(Object.keys(CASES)).toEqual(rules.map(({ name }) => name));
  });
});

describe("[LOOM-13] the dashboard of an installation", () => {
  it.each(PANELS)("$title asks for figures that exist, of this installation alone", ({ expression }) => {
    const selectors = selectorsOf(expression);
    expect(selectors.length).toBeGreaterThan(0);
    expect(selectors.filter(({ matchers }) => !matchers.includes('namespace="$namespace"'))).toEqual([]);
    expect(unknownIn(expression)).toEqual([]);
  });
});
