/** What people are called for. Each alert has a section of its name in docs/runbook.md. */
import type { AlertRule } from "../shared/alerts";
import type { LoomworksSettings } from "../settings/loomworks";
import { backupRules } from "./rules/backup";
import { namespaceRules } from "./rules/namespace";
import { odooRules } from "./rules/odoo";
import { postgresRules } from "./rules/postgres";

/** By group, in the order of the runbook. */
export function alertRules(settings: LoomworksSettings): Record<string, readonly AlertRule[]> {
  const namespace = `namespace="${settings.namespace}"`;
  return {
    odoo: odooRules(namespace),
    postgres: postgresRules(settings, namespace),
    backup: backupRules(settings, namespace),
    namespace: namespaceRules(settings, namespace),
  };
}
