/** The charts around the kind WordPressClone: where clones live, who may touch them, and who ends them. */
import { Chart } from "cdk8s";
import { Construct } from "constructs";
import { CLONE_NAMESPACES, CLONE_RESOURCE, CLONE_SERVICE_NAMESPACE } from "../../constructs/contract";
import { ClonesSettings, serviceImage } from "../../constructs/settings";
import { CloneAccess, ServiceAccounts } from "./access";
import { CLONE_CHILDREN, KroAccess } from "./access-kro";
import { Admission } from "./admission";
import { Cleaner } from "./cleaner";
import { CloneIsolation, ServiceIsolation } from "./isolation";
import { BoundedNamespace } from "./namespaces";
import { ServiceAlerts } from "./service/alerts";
import { Api } from "./service/api";
import { ServiceDashboard } from "./service/dashboard";
import { ServiceMonitoring } from "./service/monitoring";
import { Redis } from "./service/redis";
import { ApiRouting } from "./service/routing";
import { copiesEnvironment } from "./service/environment";
import { SchemaJob } from "./service/schema";
import { WarmPool } from "./service/warm-pool";
import { Worker } from "./service/worker";

/** Volume claims in the service's own namespace: its queue's, and some to spare. */
const SERVICE_CLAIMS = 10;

/** All of them: the rules of the kind, the service, and the namespaces that clones live in. */
export function createCloneCharts(scope: Construct, settings: ClonesSettings): void {
  new CloneKindChart(scope, "clone-kind", settings);
  new CloneServiceChart(scope, "clones", settings);
  for (const namespace of Object.values(CLONE_NAMESPACES)) new CloneNamespaceChart(scope, namespace, settings);
}

/** What holds for the kind in every namespace: which clones are let in, and what KRO may do for them. */
export class CloneKindChart extends Chart {
  constructor(scope: Construct, id: string, settings: ClonesSettings) {
    super(scope, id);
    new KroAccess(this, "KroAccess", {
      name: "wordpress-clones",
      resource: CLONE_RESOURCE,
      children: CLONE_CHILDREN,
    });
    new Admission(this, "Admission", settings);
  }
}

/** The clone service's own namespace. */
export class CloneServiceChart extends Chart {
  constructor(scope: Construct, id: string, settings: ClonesSettings) {
    super(scope, id, { namespace: CLONE_SERVICE_NAMESPACE });
    new BoundedNamespace(this, "Namespace", {
      name: CLONE_SERVICE_NAMESPACE,
      quota: settings.quota,
      maxClaims: SERVICE_CLAIMS,
    });
    new ServiceIsolation(this, "Isolation", settings);
    new ServiceAccounts(this, "Accounts");
    new Redis(this, "Redis", settings);
    new SchemaJob(this, "Schema", settings);
    new Api(this, "Api", settings);
    new ApiRouting(this, "Routing", settings);
    new Worker(this, "Worker", settings);
    new WarmPool(this, "WarmPool", settings);
    new ServiceMonitoring(this, "Monitoring");
    new ServiceAlerts(this, "Alerts", settings);
    new ServiceDashboard(this, "Dashboard");
    new Cleaner(this, "Cleaner", {
      schedule: settings.cleaner.schedule,
      image: serviceImage(settings),
      reuseWarmPods: settings.service.warmPool.reuse,
      copies: copiesEnvironment(settings),
    });
  }
}

/** One namespace of clones. */
export class CloneNamespaceChart extends Chart {
  constructor(scope: Construct, namespace: string, settings: ClonesSettings) {
    super(scope, namespace, { namespace });
    new BoundedNamespace(this, "Namespace", { name: namespace, quota: settings.quota });
    new CloneIsolation(this, "Isolation", settings);
    new CloneAccess(this, "Access", namespace);
  }
}
