import { Construct } from "constructs";
import { AlertRules } from "../shared/alerts";
import type { LoomworksSettings } from "../settings/loomworks";
import { alertRules } from "./alert-rules";

/** The alerts of an installation, for Prometheus. */
export class Alerts extends Construct {
  constructor(scope: Construct, id: string, settings: LoomworksSettings) {
    super(scope, id);
    new AlertRules(this, "Rules", { name: "loomworks", groups: alertRules(settings) });
  }
}
