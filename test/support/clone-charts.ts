/** Synthesizes the charts around the kind WordPressClone, and the kind itself as a small stand-in. */
import { App } from "cdk8s";
import { createCloneCharts } from "../../clones/templates/clones";
import { CLONE_RESOURCE } from "../../constructs/contract";
import { parseSettings } from "../../constructs/settings";
import type { KubeObject } from "../cluster";
import { Manifests } from "./loomworks";

/** The default settings, with `overrides` as a stack file would write them. */
export function clonesSettings(overrides: Record<string, unknown> = {}) {
  return parseSettings({ clones: overrides }).clones;
}

/** Every object of the charts. */
export function synthesizeClones(overrides: Record<string, unknown> = {}): Manifests {
  const app = new App();
  createCloneCharts(app, clonesSettings(overrides));
  return new Manifests(app.charts.flatMap((chart) => chart.toJson() as KubeObject[]));
}

/** The policy of admission alone, with its binding. */
export function admissionPolicies(overrides: Record<string, unknown> = {}): KubeObject[] {
  const { objects } = synthesizeClones(overrides);
  return objects.filter(({ kind }) => kind.startsWith("ValidatingAdmissionPolicy")) as KubeObject[];
}

const { group, version, kind, plural } = CLONE_RESOURCE;
const text = { type: "string" };

/** The kind with its defaults and nothing that refuses: what is refused then, admission refused. */
export const BARE_KIND: KubeObject = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: `${plural}.${group}` },
  spec: {
    group,
    names: { kind, plural },
    scope: "Namespaced",
    versions: [
      {
        name: version,
        served: true,
        storage: true,
        subresources: { status: {} },
        schema: {
          openAPIV3Schema: {
            type: "object",
            properties: {
              spec: {
                type: "object",
                properties: {
                  customerId: text,
                  ttlSeconds: { type: "integer", default: 1800 },
                  useDedicatedDatabase: { type: "boolean", default: false },
                  database: { ...text, default: "shared" },
                  image: { ...text, default: "registry.example.com/loomworks/wordpress-clone:0.1.0" },
                  warmPod: { ...text, default: "" },
                  routing: { ...text, default: "host" },
                  albGroup: { type: "integer", default: 0 },
                  exposeCredentials: { type: "boolean", default: false },
                },
              },
              status: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
            },
          },
        },
      },
    ],
  },
};
