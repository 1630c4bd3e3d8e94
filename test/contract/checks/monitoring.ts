import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import { Check, listensOn, Manifest, nameOf, ofKind, podTemplatesOf, selects, servicePort } from "./manifest";

/** Each ServiceMonitor finds a Service, and on it the port that it scrapes. */
export const checkServiceMonitors: Check = (docs) =>
  ofKind(docs, "ServiceMonitor").flatMap((monitor) => {
    const services = inScope(monitor, ofKind(docs, "Service")).filter((service) =>
      selects(monitor.spec.selector, service.metadata.labels),
    );
    if (services.length === 0) return [`${nameOf(monitor)}: selects no Service`];
    return (monitor.spec.endpoints as any[])
      .filter(({ port }) => !services.some((service) => servicePort(service, port) !== undefined))
      .map(({ port }) => `${nameOf(monitor)}: no Service that it selects has a port ${port}`);
  });

/** Each PodMonitor finds pods, and on them the port that it scrapes. */
export const checkPodMonitors: Check = (docs) =>
  ofKind(docs, "PodMonitor").flatMap((monitor) => {
    const templates = podTemplatesOf(docs).filter(
      (pod) => inScope(monitor, [pod.owner]).length > 0 && selects(monitor.spec.selector, pod.metadata.labels),
    );
    if (templates.length === 0) return [`${nameOf(monitor)}: selects no pod`];
    return ((monitor.spec.podMetricsEndpoints ?? []) as any[])
      .filter(({ port }) => !templates.some((pod) => listensOn(pod, port)))
      .map(({ port }) => `${nameOf(monitor)}: no pod that it selects listens on ${port}`);
  });

/** Two alerts of one name can't be told apart in a page, nor in the runbook. */
export const checkAlertNames: Check = (docs) => {
  const alerts = ofKind(docs, "PrometheusRule").flatMap((rule) =>
    rule.spec.groups.flatMap((group: any) => group.rules.map(({ alert }: any) => ({ rule, alert }))),
  );
  const named = alerts.filter(({ alert }) => alert !== undefined);
  return named
    .filter(({ alert }, index) => named.findIndex((other) => other.alert === alert) !== index)
    .map(({ rule, alert }) => `${nameOf(rule)}: a second alert is called ${alert}`);
};

/** Whether Prometheus' own checker is here: Debian's package prometheus has it. */
export const hasPromtool = spawnSync("promtool", ["--version"]).status === 0;

/** Each rule is one that Prometheus loads: expressions, templates and durations parsed by its own checker. */
export const checkRules: Check = (docs) =>
  ofKind(docs, "PrometheusRule").flatMap((rule) => {
    const folder = mkdtempSync(join(tmpdir(), "loomworks-rules-"));
    try {
      writeFileSync(join(folder, "rules.yaml"), stringify({ groups: rule.spec.groups }));
      const { status, stderr } = spawnSync("promtool", ["check", "rules", "rules.yaml"], {
        cwd: folder,
        encoding: "utf8",
      });
      return status === 0 ? [] : [`${nameOf(rule)}: ${stderr.trim()}`];
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

/** Those in the namespaces that a monitor looks into: its own, if it doesn't say. */
function inScope({ metadata, spec }: Manifest, candidates: readonly Manifest[]): Manifest[] {
  const { any = false, matchNames = [metadata.namespace] } = spec.namespaceSelector ?? {};
  return candidates.filter((candidate) => any === true || matchNames.includes(candidate.metadata.namespace));
}
