/** What people are called for of the namespace as a whole: its volumes, quota, certificates and workloads. */
import type { AlertRule } from "../../shared/alerts";
import type { LoomworksSettings } from "../../settings/loomworks";
import { BACKUP } from "../backup";
import { BACKUP_EXPORTER } from "../backup-exporter";
import { DRILL } from "../drill";
import { SWEEP } from "../odoo-copy";
import { ODOO } from "../odoo-pod";
import { OFFSITE } from "../offsite";
import { POSTGRES } from "../postgres";

export function namespaceRules(settings: LoomworksSettings, namespace: string): AlertRule[] {
  return [
    ...volumeRules(namespace),
    {
      name: "QuotaNearlyUsed",
      severity: "warning",
      expression: `kube_resourcequota{${namespace}, type="used"} / ignoring (type) kube_resourcequota{${namespace}, type="hard"} > 0.9`,
      for: "15m",
      summary: "More than 90 % of the namespace's {{ $labels.resource }} is taken",
    },
    {
      name: "CertificateExpiresSoon",
      severity: "critical",
      expression: `certmanager_certificate_expiration_timestamp_seconds{${namespace}} - time() < 14 * 86400`,
      for: "1h",
      summary: "The certificate {{ $labels.name }} ends within two weeks, and was not renewed",
    },
    {
      name: "PodFailing",
      severity: "critical",
      expression: `max by (namespace, pod, container) (${waits("container", namespace)} or ${waits("init_container", namespace)}) == 1`,
      for: "10m",
      summary: "{{ $labels.container }} of {{ $labels.pod }} crashes again and again, or can't be started",
    },
    missingWorkload(settings, namespace),
  ];
}

function volumeRules(namespace: string): AlertRule[] {
  // A shared volume is told by each node that mounts it.
  const figure = (metric: string) => `max by (namespace, persistentvolumeclaim) (${metric}{${namespace}})`;
  const stats = (kind: string) => figure(`kubelet_volume_stats_${kind}_bytes`);
  return [
    {
      name: "VolumeNearlyFull",
      severity: "critical",
      expression: `${stats("available")} < 0.15 * ${stats("capacity")}`,
      for: "5m",
      summary: "Less than 15 % is left on the volume {{ $labels.persistentvolumeclaim }}",
    },
    {
      name: "VolumeBeyondPlan",
      severity: "warning",
      // EFS takes whatever is written, whatever the claim says: only the bill would tell.
      expression: `${stats("used")} > ${figure("kube_persistentvolumeclaim_resource_requests_storage_bytes")}`,
      for: "1h",
      summary: "{{ $labels.persistentvolumeclaim }} holds more than the settings plan for",
    },
  ];
}

/** A container that waits for anything but its turn, within the last five minutes: between two crashes it runs for a while. */
function waits(kind: "container" | "init_container", namespace: string): string {
  const reason = 'reason!~"ContainerCreating|PodInitializing"';
  return `max_over_time(kube_pod_${kind}_status_waiting_reason{${namespace}, ${reason}}[5m])`;
}

/** What is deleted takes its figures with it, and with them the alerts that ask for these. The namespace's stay. */
function missingWorkload({ backup }: LoomworksSettings, namespace: string): AlertRule {
  const jobs = [BACKUP, DRILL, SWEEP, ...(backup.offsite.enabled ? Object.values(OFFSITE) : [])];
  const missing = [
    ...[ODOO.name, ODOO.cronName, BACKUP_EXPORTER.name].map((name) => without("Deployment", name, namespace)),
    without("StatefulSet", POSTGRES.name, namespace),
    ...jobs.map((name) => without("CronJob", name, namespace)),
  ];
  return {
    name: "WorkloadMissing",
    severity: "critical",
    expression: missing.join(" or "),
    for: "15m",
    summary: "{{ $labels.workload }} is gone, and with it every alert on it",
  };
}

function without(kind: "CronJob" | "Deployment" | "StatefulSet", name: string, namespace: string): string {
  const label = kind.toLowerCase();
  const gone = `kube_namespace_created{${namespace}} unless on (namespace) kube_${label}_created{${namespace}, ${label}="${name}"}`;
  return `label_replace(${gone}, "workload", "${kind} ${name}", "", "")`;
}
