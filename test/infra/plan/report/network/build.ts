import type { KubernetesObject } from "../../../../../infra/plan/report/kubernetes";
import { policySetOf } from "../../../../../infra/plan/report/network/network";
import { PortSet, portText } from "../../../../../infra/plan/report/network/ports";
import { Party, Pod, verdict } from "../../../../../infra/plan/report/network/rules";

/** A policy of namespace `shop` that holds every pod there, unless `spec` says otherwise. */
export function policy(spec: object, metadata: object = {}): KubernetesObject {
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { name: "policy", namespace: "shop", ...metadata },
    spec: { podSelector: {}, ...spec },
  };
}

export function namespace(name: string, labels: Record<string, string> = {}): KubernetesObject {
  return { apiVersion: "v1", kind: "Namespace", metadata: { name, labels } };
}

/** A pod of app `app`, listening on TCP 80 (`http`) and 9000 (`metrics`), and on UDP 53 (`dns`). */
export function pod(app: string, more: Partial<Pod> = {}): Pod {
  return {
    namespace: "shop",
    labels: { app },
    ports: [
      { protocol: "TCP", number: 80, name: "http" },
      { protocol: "TCP", number: 9000, name: "metrics" },
      { protocol: "UDP", number: 53, name: "dns" },
    ],
    ...more,
  };
}

export const app = (name: string) => ({ podSelector: { matchLabels: { app: name } } });

/** The ports that `objects` let `from` reach at `to`, in words. */
export function reach(objects: KubernetesObject[], from: Party, to: Party): string {
  return words(verdict(policySetOf(objects), from, to).ports);
}

function words(ports: PortSet): string {
  return portText(ports) || "nothing";
}
