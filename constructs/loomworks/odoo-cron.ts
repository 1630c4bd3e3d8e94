import { k8s } from "cdk8s-plus-28";
import { Construct } from "constructs";
import { objectLabels, selectorLabels } from "../shared/labels";
import type { LoomworksSettings } from "../settings/loomworks";
import type { OdooConfig } from "./odoo-config";
import { SCRIPTS_FOLDER } from "./postgres-config";
import { ODOO, odooPod, reloadOnRotation } from "./odoo-pod";

export interface OdooCronProps {
  readonly settings: LoomworksSettings["odoo"];
  readonly config: OdooConfig;
}

/** Seconds that a scheduled action gets to end when its pod goes; one that is cut off is run again. */
const SHUTDOWN_SECONDS = 120;

/**
 * Odoo for scheduled actions, apart from the requests: a long import slows nobody down, and the autoscaler doesn't
 * multiply it. Two of these at once, as in a rollout, are safe: each action is claimed by a row lock.
 *
 * There is no port to ask: the probe sees whether Odoo's master process goes on, which itself replaces workers that hang.
 */
export class OdooCron extends Construct {
  constructor(scope: Construct, id: string, { settings, config }: OdooCronProps) {
    super(scope, id);
    new k8s.KubeServiceAccount(this, "ServiceAccount", {
      metadata: { name: ODOO.cronName, labels: objectLabels(ODOO.cronName) },
      automountServiceAccountToken: false,
    });
    new k8s.KubeDeployment(this, "Deployment", {
      metadata: { name: ODOO.cronName, labels: objectLabels(ODOO.cronName), annotations: reloadOnRotation() },
      spec: {
        replicas: 1,
        selector: { matchLabels: selectorLabels(ODOO.cronName) },
        strategy: {
          type: "RollingUpdate",
          rollingUpdate: { maxSurge: k8s.IntOrString.fromNumber(1), maxUnavailable: k8s.IntOrString.fromNumber(0) },
        },
        progressDeadlineSeconds: settings.rolloutDeadlineSeconds,
        template: odooPod({
          name: ODOO.cronName,
          settings,
          config,
          // A negative number of workers: the master process with its cron processes, and none for requests.
          args: ["--no-http", "--workers=-1", `--max-cron-threads=${settings.cronThreads}`],
          container: {
            livenessProbe: { ...probe("alive"), periodSeconds: 60, timeoutSeconds: 15, failureThreshold: 3 },
            readinessProbe: { ...probe("ready"), periodSeconds: 10, timeoutSeconds: 5 },
          },
          terminationGracePeriodSeconds: SHUTDOWN_SECONDS,
        }),
      },
    });
  }
}

function probe(state: "alive" | "ready"): k8s.Probe {
  return { exec: { command: [`${SCRIPTS_FOLDER}/probe-cron.sh`, state] } };
}
