import { alertSentences } from "../../../infra/plan/alerts";
import type { Plan } from "../../../infra/plan/model";

const plan = (alerts?: object): Plan => ({
  project: "loomworks-platform",
  stack: "staging",
  resources: [],
  outputs: alerts === undefined ? {} : { alerts },
});

describe("[PLAT-06] What a plan says of alerts", () => {
  it("is a warning where nobody hears of them", () => {
    const [sentence] = alertSentences(plan({ critical: [], warning: [], watchdog: false }));
    expect(sentence).toBe("Warning: alerts reach nobody. docs/operations.md tells how to have them sent.");
  });

  it("is who hears of what, and whether silence is noticed", () => {
    expect(alertSentences(plan({ critical: ["Slack", "webhook"], warning: ["Slack"], watchdog: true }))).toEqual([
      "Alerts: critical ones go to Slack, webhook, warnings to Slack. That they stop coming is noticed outside.",
    ]);
    const [sentence] = alertSentences(plan({ critical: ["webhook"], warning: [], watchdog: false }));
    expect(sentence).toContain("warnings to nobody. That they stop coming is noticed by nobody (alerts:watchdogUrl).");
  });

  it("is nothing where there is no Alertmanager of ours", () => {
    expect(alertSentences(plan())).toEqual([]);
  });
});
