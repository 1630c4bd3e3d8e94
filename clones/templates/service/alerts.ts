import { Construct } from "constructs";
import type { ClonesSettings } from "../../../constructs/settings";
import { AlertRules } from "../../../constructs/shared/alerts";
import { serviceAlertRules } from "./alert-rules";

/** The alerts of the clone service, for Prometheus. */
export class ServiceAlerts extends Construct {
  constructor(scope: Construct, id: string, settings: ClonesSettings) {
    super(scope, id);
    new AlertRules(this, "Rules", { name: "clones", groups: serviceAlertRules(settings) });
  }
}
