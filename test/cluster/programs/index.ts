import { containerd, containerdShim, ctr, runc } from "./containerd";
import { coredns } from "./coredns";
import { etcd } from "./etcd";
import { EXTERNAL_METRICS, kedaAdapter, kedaOperator } from "./keda";
import { kro } from "./kro";
import { kubeApiserver } from "./kube-apiserver";
import { kubelet } from "./kubelet";
import { kubeControllerManager } from "./kube-controller-manager";
import { kubeProxy } from "./kube-proxy";
import { kubeScheduler } from "./kube-scheduler";
import { kubectl } from "./kubectl";
import { kwok } from "./kwok";
import { metricsServer, RESOURCE_METRICS } from "./metrics-server";
import type { Program, Startable } from "./program";
import { traefik } from "./traefik";

/** What every cluster runs, in the order of start. */
export const CONTROL_PLANE = [etcd, kubeApiserver, kubeControllerManager, kubeScheduler, kwok] as const;

/** What makes this machine a node, in the order of start. */
export const REAL_NODE = {
  programs: [containerd, kubelet, kubeProxy, metricsServer],
  api: RESOURCE_METRICS,
} as const satisfies Controller;

/** What the node's programs call, and what runs in a pod of it. */
const REAL_NODE_TOOLS = [runc, containerdShim, ctr, coredns] as const;

/** Built with the control plane, never started. */
export const TOOLS = [kubectl] as const;

/** Something that a cluster runs when it is asked for by name. One more is one more entry. */
export interface Controller {
  /** Started in this order, after the CRDs are established. */
  readonly programs: readonly Startable[];
  /** Whose asset `crds` is installed first. */
  readonly crdsOf?: Program;
  /** What one of them adds to the API, on one of its ports; registered when all are ready. */
  readonly api?: { readonly groupVersion: string; readonly service: string; readonly port: string };
}

export const CONTROLLERS = {
  kro: { programs: [kro], crdsOf: kro },
  keda: { programs: [kedaOperator, kedaAdapter], crdsOf: kedaOperator, api: EXTERNAL_METRICS },
  /** Its kinds; a suite starts it by the values of a stack (test/support/traefik.ts). */
  traefik: { programs: [traefik], crdsOf: traefik },
} as const satisfies Record<string, Controller>;

export type ControllerName = keyof typeof CONTROLLERS;

/** What a suite may kill and have run again: the controllers, and Kubernetes' own API. */
export const KILLABLE = {
  ...CONTROLLERS,
  "kube-apiserver": { programs: [kubeApiserver] },
  kubelet: { programs: [kubelet] },
  containerd: { programs: [containerd] },
} as const satisfies Record<string, Controller>;

export type KillableName = keyof typeof KILLABLE;

/** Every program that a cluster with these controllers needs, tools included. */
export function programsFor(controllers: readonly ControllerName[], nodes: number | "real" = 0): Program[] {
  const node = nodes === "real" ? [...REAL_NODE_TOOLS, ...REAL_NODE.programs] : [];
  const added = controllers.flatMap((name): readonly Program[] => CONTROLLERS[name].programs);
  return [...CONTROL_PLANE, ...TOOLS, ...node, ...added];
}
