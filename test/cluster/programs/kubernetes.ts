import { VERSIONS } from "../versions";
import type { Program } from "./program";

/**
 * Modules that Kubernetes develops within its own repository. Its go.mod replaces them by folders, which a build from
 * outside does not have: the same code is published as `v0.<minor>.<patch>`.
 */
const STAGING = [
  ...["api", "apiextensions-apiserver", "apimachinery", "apiserver", "cli-runtime", "client-go", "cloud-provider"],
  ...["cluster-bootstrap", "code-generator", "component-base", "component-helpers", "controller-manager", "cri-api"],
  ...["cri-client", "cri-streaming", "csi-translation-lib", "dynamic-resource-allocation", "endpointslice"],
  ...["externaljwt", "kms", "kube-aggregator", "kube-controller-manager", "kube-proxy", "kube-scheduler", "kubectl"],
  ...["kubelet", "metrics", "mount-utils", "pod-security-admission", "sample-apiserver", "streaming"],
];

/** What all programs of Kubernetes have in common. The version is the linker's: without it they say `v0.0.0-master`. */
export function kubernetesProgram(name: string, minutes: number, rest: Pick<Program, "run" | "versionArgs">): Program {
  const version = VERSIONS.kubernetes;
  const [major, minor] = version.split(".");
  const staged = version.replace(/^1\./, "v0.");
  return {
    name,
    version,
    minutes,
    source: {
      module: "k8s.io/kubernetes",
      version: `v${version}`,
      package: `k8s.io/kubernetes/cmd/${name}`,
      replace: Object.fromEntries(STAGING.map((staging) => [`k8s.io/${staging}`, staged])),
      variables: {
        "k8s.io/component-base/version.gitVersion": `v${version}`,
        "k8s.io/component-base/version.gitMajor": major ?? "",
        "k8s.io/component-base/version.gitMinor": minor ?? "",
      },
    },
    ...rest,
  };
}
