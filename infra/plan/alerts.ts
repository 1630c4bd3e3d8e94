/** Who hears of alerts, in a sentence. */
import type { AlertReach } from "../observability/alert-channels";
import type { Plan } from "./model";

/** One paragraph, or none where a plan has no Alertmanager. */
export function alertSentences({ outputs }: Plan): string[] {
  const reach = outputs.alerts as AlertReach | undefined;
  if (reach === undefined) return [];
  const { critical, warning, watchdog } = reach;
  if (critical.length === 0) return ["Warning: alerts reach nobody. docs/operations.md tells how to have them sent."];
  const told = (channels: readonly string[]) => (channels.length === 0 ? "nobody" : channels.join(", "));
  const silence = watchdog ? "is noticed outside" : "is noticed by nobody (alerts:watchdogUrl)";
  return [
    `Alerts: critical ones go to ${told(critical)}, warnings to ${told(warning)}. That they stop coming ${silence}.`,
  ];
}
