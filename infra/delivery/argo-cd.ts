import * as pulumi from "@pulumi/pulumi";
import { CHARTS } from "../../constructs/versions";
import { admittedIngress, createAdmitted } from "../addons/admitted";
import { HelmAddon } from "../addons/helm-addon";
import { ONE_AT_A_TIME, resources } from "../addons/values";

export interface ArgoCdArgs {
  /** Its host in the browser, as in `argocd.example.com`. */
  readonly host: string;
  /** Networks from which it is reached there. None: by `kubectl port-forward` alone. */
  readonly admitted: readonly string[];
}

/** Its namespace: Applications and projects are found there alone. */
export const ARGO_CD_NAMESPACE = "argocd";

const MONITORED = { enabled: true, serviceMonitor: { enabled: true } };

const AVAILABLE = { replicas: 2, pdb: { enabled: true, ...ONE_AT_A_TIME }, metrics: MONITORED };

/** Argo CD, where the stack is delivered by it: it applies what is committed, and takes back what somebody changed by hand. */
export class ArgoCd extends HelmAddon {
  constructor(name: string, args: ArgoCdArgs, opts: pulumi.ComponentResourceOptions) {
    super(name, { chart: CHARTS.argoCd, namespace: ARGO_CD_NAMESPACE, values: valuesOf(args) }, opts);
    if (args.admitted.length === 0) return;
    createAdmitted(
      this.nameOf("admitted"),
      { namespace: ARGO_CD_NAMESPACE, networks: args.admitted },
      this.childOptions({ dependsOn: [this.nodes.namespace] }),
    );
  }
}

function valuesOf({ host, admitted }: ArgoCdArgs): pulumi.Inputs {
  return {
    global: { domain: host },
    crds: { install: true, keep: true },
    controller: { metrics: MONITORED, resources: resources("250m", "512Mi", "2Gi") },
    server: {
      ...AVAILABLE,
      resources: resources("50m", "128Mi", "512Mi"),
      ingress: {
        enabled: admitted.length > 0,
        ingressClassName: "traefik",
        annotations: admittedIngress(ARGO_CD_NAMESPACE),
      },
    },
    repoServer: { ...AVAILABLE, resources: resources("100m", "256Mi", "1Gi") },
    redis: { resources: resources("50m", "64Mi", "256Mi") },
    redisSecretInit: { resources: resources("20m", "64Mi", "128Mi") },
    // Applications are the program's: no generator, no webhook, no second way to sign in.
    applicationSet: { replicas: 0 },
    notifications: { enabled: false },
    dex: { enabled: false },
    configs: {
      // TLS ends at Traefik, as for everything.
      params: { "server.insecure": true },
      cm: {
        "exec.enabled": false,
        "statusbadge.enabled": false,
        // What KRO makes of a clone is nobody's to compare with a repository.
        "application.resourceTrackingMethod": "annotation",
      },
    },
  };
}
