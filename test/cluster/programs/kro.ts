import { httpAnswers } from "../probe";
import { VERSIONS } from "../versions";
import type { Program } from "./program";

/** KRO: makes an API of a ResourceGraphDefinition and reconciles its instances. */
export const kro: Program = {
  name: "kro",
  version: VERSIONS.kro,
  minutes: 4,
  source: {
    module: "github.com/kubernetes-sigs/kro",
    version: `v${VERSIONS.kro}`,
    package: "github.com/kubernetes-sigs/kro/cmd/controller",
    assets: { crds: "helm/crds" },
  },
  run: {
    ports: ["kro-probe"],
    groups: ["system:masters"],
    args: (site) => [
      `-kubeconfig=${site.kubeconfig("kro")}`,
      "-metrics-bind-address=0",
      `-health-probe-bind-address=127.0.0.1:${site.port("kro-probe")}`,
      // As a stack runs it (infra/addons/kro.ts).
      "-dynamic-controller-concurrent-reconciles=20",
      "-dynamic-controller-rate-limiter-rate-limit=100",
      "-dynamic-controller-rate-limiter-burst-limit=500",
      "-feature-gates=InstanceConditionEvents=true",
      "-allow-crd-deletion",
    ],
    ready: (site) => httpAnswers(`http://127.0.0.1:${site.port("kro-probe")}/readyz`),
  },
};
