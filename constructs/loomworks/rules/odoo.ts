/** What people are called for of Odoo itself. */
import type { AlertRule } from "../../shared/alerts";
import { SWEEP, SWEEP_SCHEDULE } from "../odoo-copy";
import { MIGRATION } from "../odoo-migration";
import { ODOO } from "../odoo-pod";
import { missedRun } from "./runs";

/** Time that an installation gets to come up for the first time: volumes, images, an empty database. */
export const FIRST_START_SECONDS = 1800;

const KEPT = "Copies of databases stay beyond their time: they take room, and hold what was to be forgotten";

export function odooRules(namespace: string): AlertRule[] {
  const hpa = `${namespace}, horizontalpodautoscaler="${ODOO.name}"`;
  return [
    {
      name: "OdooUnavailable",
      severity: "critical",
      expression: unavailable(namespace, ODOO.name),
      for: "1m",
      summary: "No replica of Odoo is ready: nobody can work",
    },
    {
      name: "OdooCronUnavailable",
      severity: "critical",
      expression: unavailable(namespace, ODOO.cronName),
      for: "15m",
      summary: "Scheduled actions don't run: no mail goes out, nothing is billed",
    },
    {
      name: "OdooRolloutStuck",
      severity: "critical",
      expression: `kube_deployment_status_condition{${namespace}, deployment=~"${ODOO.name}|${ODOO.cronName}", condition="Progressing", status="false"} == 1`,
      for: "1m",
      summary: "A new version of {{ $labels.deployment }} does not get ready; the old one goes on serving",
    },
    {
      name: "OdooMigrationFailed",
      severity: "critical",
      expression: `kube_job_failed{${namespace}, job_name=~"${MIGRATION}-.+", condition="true"} == 1`,
      for: "0m",
      summary: "A release's migration has failed; the old version goes on serving, and no pod of the new one starts",
    },
    {
      name: "OdooAtMaximum",
      severity: "warning",
      expression: `kube_horizontalpodautoscaler_status_current_replicas{${hpa}} >= kube_horizontalpodautoscaler_spec_max_replicas{${hpa}}`,
      for: "5m",
      summary: "Odoo has as many replicas as it may have, and may need more",
    },
    {
      name: "OdooDatabaseUnreachable",
      severity: "critical",
      // A replica that only starts reaches nothing either, and isn't up.
      expression: `max by (namespace) (odoo_database_up{${namespace}}) == 0 and max by (namespace) (odoo_up{${namespace}}) == 1`,
      for: "2m",
      summary: "No replica of Odoo reaches PostgreSQL",
    },
    {
      ...missedRun({ name: "OdooCopySweepMissed", cronJob: SWEEP, namespace, summary: KEPT }, SWEEP_SCHEDULE),
      severity: "warning",
    },
  ];
}

function unavailable(namespace: string, deployment: string): string {
  const selector = `{${namespace}, deployment="${deployment}"}`;
  const isNew = `time() - kube_deployment_created${selector} < ${FIRST_START_SECONDS}`;
  return `kube_deployment_status_replicas_available${selector} < 1 unless on (namespace, deployment) (${isNew})`;
}
