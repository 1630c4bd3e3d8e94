import { Construct } from "constructs";
import { PrometheusRule, PrometheusRuleSpecGroupsRulesExpr as Expression } from "../imports/monitoring.coreos.com";
import { objectLabels } from "./labels";

/** What somebody is called for. Each alert has a section of its name in docs/runbook.md. */
export interface AlertRule {
  readonly name: string;
  /** `critical` calls somebody now; `warning` waits for the next working day. */
  readonly severity: "critical" | "warning";
  readonly expression: string;
  /** How long the expression must hold before anybody hears of it, in Prometheus' notation. */
  readonly for: string;
  readonly summary: string;
}

export interface AlertRulesProps {
  /** Of the object, and the beginning of its groups' names. */
  readonly name: string;
  /** By name of their group. */
  readonly groups: Readonly<Record<string, readonly AlertRule[]>>;
}

/** Alerts, for Prometheus. */
export class AlertRules extends Construct {
  constructor(scope: Construct, id: string, { name, groups }: AlertRulesProps) {
    super(scope, id);
    new PrometheusRule(this, "Resource", {
      metadata: { name, labels: objectLabels(name) },
      spec: {
        groups: Object.entries(groups).map(([group, rules]) => ({ name: `${name}-${group}`, rules: rules.map(rule) })),
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
