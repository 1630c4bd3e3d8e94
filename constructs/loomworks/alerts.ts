import { Construct } from "constructs";
import { PrometheusRule, PrometheusRuleSpecGroupsRulesExpr as Expression } from "../imports/monitoring.coreos.com";
import { objectLabels } from "../shared/labels";
import type { LoomworksSettings } from "../settings/loomworks";
import { AlertRule, alertRules } from "./alert-rules";

/** The alerts of an installation, for Prometheus. */
export class Alerts extends Construct {
  constructor(scope: Construct, id: string, settings: LoomworksSettings) {
    super(scope, id);
    new PrometheusRule(this, "Resource", {
      metadata: { name: "loomworks", labels: objectLabels("loomworks") },
      spec: {
        groups: Object.entries(alertRules(settings)).map(([name, rules]) => ({
          name: `loomworks-${name}`,
          rules: rules.map(rule),
        })),
      },
    });
  }
}

function rule({ name, severity, expression, for: duration, summary }: AlertRule) {
  return {
    alert: name,
    expr: Expression.fromString(expression),
    for: duration,
    labels: { severity },
    annotations: { summary, runbook: `docs/runbook.md#${name.toLowerCase()}` },
  };
}
