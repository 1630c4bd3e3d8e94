import { Chart } from "cdk8s";
import { k8s } from "cdk8s-plus-28";
import { Construct } from "constructs";
import { COPY_RESOURCE } from "../../../constructs/contract";
import { ODOO_COPY_LIMITS, odooCopyPod } from "../../../constructs/loomworks/odoo-copy";
import type { OdooConfig } from "../../../constructs/loomworks/odoo-config";
import { NO_RETRY_OF_REFUSALS } from "../../../constructs/loomworks/odoo-job";
import type { LoomworksSettings } from "../../../constructs/settings";
import { objectLabels } from "../../../constructs/shared/labels";
import { KroAccess } from "../access-kro";
import { AdmissionPolicy } from "../admission";
import { CopyAccess } from "./access";
import { OdooCopyDefinition } from "./definition";
import { copyRules, NOTHING_NEW } from "./rules";

const NAME = "odoo-copies";

/**
 * Neutralised copies of the databases of one installation: the kind OdooCopy, who may ask for objects of it, and how many
 * there may be. Absent unless the settings ask for it.
 *
 * @param config the installation's own, which the copies' pods read
 */
export class OdooCopyChart extends Chart {
  constructor(scope: Construct, id: string, settings: LoomworksSettings, config: OdooConfig) {
    super(scope, id);
    const { namespace } = settings;
    const { max, maxDays } = settings.odoo.copies;
    new OdooCopyDefinition(this, "Definition", {
      domain: settings.domain,
      maxDays,
      ...ODOO_COPY_LIMITS,
      podFailurePolicy: NO_RETRY_OF_REFUSALS,
      podOf: (action, names) =>
        k8s.toJson_PodTemplateSpec(odooCopyPod({ action, ...names, config, settings })) as never,
    });
    new KroAccess(this, "KroAccess", { name: NAME, resource: COPY_RESOURCE, children: { batch: ["jobs"] } });
    new AdmissionPolicy(this, "Admission", {
      name: NAME,
      resource: COPY_RESOURCE,
      operations: ["CREATE", "UPDATE", "DELETE"],
      unless: NOTHING_NEW,
      rules: copyRules(maxDays),
    });
    new CopyAccess(this, "Access", namespace);
    new k8s.KubeResourceQuota(this, "Quota", {
      metadata: { name: NAME, namespace, labels: objectLabels("limits") },
      spec: {
        hard: { [`count/${COPY_RESOURCE.plural}.${COPY_RESOURCE.group}`]: k8s.Quantity.fromNumber(max) },
      },
    });
  }
}
