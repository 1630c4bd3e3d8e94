import { Testing } from "cdk8s";
import { Alerts } from "../../../../constructs/loomworks/alerts";
import { PANELS } from "../../../../constructs/loomworks/dashboards";
import { loomworksSettings } from "../../../support/loomworks";
import { Figures, HEALTHY, notation, WATCHED } from "../../../support/loomworks-figures";
import { AlertTester, missingPromtool } from "../../../support/promtool";
import { describeWith } from "../../../support/requires";
import { CASES } from "./cases";
import { MORE } from "./more-reasons";
import { QUIET } from "./quiet-hours";

describeWith(missingPromtool(), "[LOOM-13] [LOOM-04] Prometheus, after two hours of an installation's figures,", () => {
  const chart = Testing.chart();
  new Alerts(chart, "Alerts", loomworksSettings());
  const alerts = new AlertTester(Testing.synth(chart)[0].spec.groups);
  afterAll(() => alerts.remove());
  const during = (figures: Figures) => notation({ ...HEALTHY, ...figures });

  it.each(Object.entries(CASES))("calls by %s, and for nothing like it", (name, { fires, labels, others, rests }) => {
    const expected = { [name]: labels, ...Object.fromEntries((others ?? []).map((other) => [other, {}])) };
    expect(alerts.objectionsToAll(expected, during(fires), WATCHED)).toBe("");
    expect(alerts.objectionsToAll({}, during(rests), WATCHED)).toBe("");
  });

  it.each(MORE)("calls by %s for more than one reason: %#", (name, { fires, labels, others = [] }) => {
    const expected = { [name]: labels, ...Object.fromEntries(others.map((other) => [other, {}])) };
    expect(alerts.objectionsToAll(expected, during(fires), WATCHED)).toBe("");
  });

  it.each(Object.entries(QUIET))("calls nobody for %s", (_, series) => {
    expect(alerts.objectionsToAll({}, series, WATCHED)).toBe("");
  });

  it.each(PANELS)("can draw $title", ({ expression }) => {
    const expr = expression.replaceAll("$namespace", "loomworks");
    const panel = new AlertTester([{ name: "panel", rules: [{ record: "panel", expr }] }]);
    expect(panel.objectionsToAll({}, during({}), 1)).toBe("");
    panel.remove();
  });

  it("would be found to be silent where it should call", () => {
    expect(alerts.objectionsToAll({ PostgresDown: {} }, during({}), WATCHED)).toContain("FAILED");
  });
});
