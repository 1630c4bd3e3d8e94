import { ApiObject, Chart, JsonPatch } from "cdk8s";
import { k8s } from "cdk8s-plus-28";
import { Construct } from "constructs";
import { objectLabels } from "../shared/labels";
import { NamespaceLimits } from "../shared/quotas";
import { podSecurityLabels } from "../shared/security";
import type { LoomworksSettings } from "../settings/loomworks";
import { Alerts } from "./alerts";
import { Backup } from "./backup";
import { BackupExporter } from "./backup-exporter";
import { Dashboards } from "./dashboards";
import { Drill } from "./drill";
import { Isolation } from "./isolation";
import { Monitoring } from "./monitoring";
import { OdooConfig } from "./odoo-config";
import { OdooCopies } from "./odoo-copy";
import { OdooCron } from "./odoo-cron";
import { OdooMigration } from "./odoo-migration";
import { OdooWeb } from "./odoo-web";
import { Offsite } from "./offsite";
import { Postgres } from "./postgres";
import { PostgresCertificate } from "./postgres-certificate";
import { PostgresConfig } from "./postgres-config";
import { Routing, transportAnnotation } from "./routing";
import { Volumes } from "./volumes";

/**
 * One Loomworks installation in a namespace of its own: Odoo, its PostgreSQL, backups and their proof. A second one, for a
 * customer who needs walls rather than a database of their own, is one more of these with another namespace and domain.
 *
 * Give it settings that came through `parseSettings`: they are checked there, against each other too.
 */
export class LoomworksChart extends Chart {
  /** For whatever else runs pods of this Odoo. */
  readonly odooConfig: OdooConfig;

  constructor(scope: Construct, id: string, settings: LoomworksSettings) {
    super(scope, id, { namespace: settings.namespace });
    this.createNamespace(settings);

    const postgresConfig = new PostgresConfig(this, "PostgresConfig", settings.postgres);
    const odooConfig = new OdooConfig(this, "OdooConfig", settings.odoo);
    this.odooConfig = odooConfig;

    new NamespaceLimits(this, "Limits", { quota: settings.quota });
    new Isolation(this, "Isolation", settings);
    new Volumes(this, "Volumes", settings);
    new PostgresCertificate(this, "PostgresCertificate", settings);
    new Postgres(this, "Postgres", { settings: settings.postgres, config: postgresConfig });
    new OdooMigration(this, "OdooMigration", { settings, config: odooConfig, postgresConfig });
    new OdooWeb(this, "Odoo", {
      settings: settings.odoo,
      config: odooConfig,
      serviceAnnotations: transportAnnotation(settings.namespace),
    });
    new OdooCron(this, "OdooCron", { settings: settings.odoo, config: odooConfig });
    new OdooCopies(this, "OdooCopies", { settings, config: odooConfig });
    new Routing(this, "Routing", { settings });
    new Backup(this, "Backup", { settings: settings.backup, config: postgresConfig });
    if (settings.backup.offsite.enabled) {
      new Offsite(this, "Offsite", { settings: settings.backup.offsite, config: postgresConfig });
    }
    new BackupExporter(this, "BackupExporter");
    new Drill(this, "Drill", { settings, config: postgresConfig });
    new Monitoring(this, "Monitoring");
    new Alerts(this, "Alerts", settings);
    new Dashboards(this, "Dashboards", settings.namespace);
  }

  private createNamespace({ namespace }: LoomworksSettings): void {
    const object = new k8s.KubeNamespace(this, "Namespace", {
      metadata: {
        name: namespace,
        labels: { ...objectLabels("loomworks"), ...podSecurityLabels("restricted") },
      },
    });
    // The chart gives its namespace to everything in it, and a Namespace lives in none.
    ApiObject.of(object).addJsonPatch(JsonPatch.remove("/metadata/namespace"));
  }
}
