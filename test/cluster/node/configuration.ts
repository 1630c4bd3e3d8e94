import type { Site } from "../site";

/** The real node's name: what fake nodes would be called. */
export const NODE_NAME = "node-0";

export const DNS_DOMAIN = "cluster.local";

/** Image of the container that keeps a pod's namespaces: made here, never pulled. */
export const PAUSE_IMAGE = "loomworks.test/pause:1";

/** What that container runs: statically linked, as Debian's package busybox-static has it. */
export const PAUSE_PROGRAM = "/bin/busybox";

/** Where Debian's package has the plugins. */
export const CNI_PLUGINS = "/usr/lib/cni";

export function containerdConfiguration(site: Site): string {
  const folder = (name: string) => JSON.stringify(site.path(`node/${name}`));
  return `version = 3
root = ${folder("containerd")}
state = ${folder("containerd-state")}
[grpc]
address = ${folder("containerd.sock")}
[plugins."io.containerd.cri.v1.images"]
snapshotter = "overlayfs"
[plugins."io.containerd.cri.v1.images".pinned_images]
sandbox = "${PAUSE_IMAGE}"
[plugins."io.containerd.cri.v1.runtime"]
# Not every machine lets root lower it: without this no sandbox would start there.
restrict_oom_score_adj = true
netns_mounts_under_state_dir = true
tolerate_missing_hugetlb_controller = true
[plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc]
runtime_type = "io.containerd.runc.v2"
[plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc.options]
SystemdCgroup = false
[plugins."io.containerd.cri.v1.runtime".cni]
bin_dirs = [${JSON.stringify(CNI_PLUGINS)}]
conf_dir = ${folder("cni")}
`;
}

/** One bridge is enough for one node. */
export function cniConfiguration(site: Site): string {
  return JSON.stringify({
    cniVersion: "1.0.0",
    name: "pods",
    plugins: [
      {
        type: "bridge",
        bridge: "cni0",
        isGateway: true,
        // A pod that asks a Service for itself comes back to itself.
        hairpinMode: true,
        ipam: {
          type: "host-local",
          ranges: [[{ subnet: site.network.pods }]],
          routes: [{ dst: "0.0.0.0/0" }],
          dataDir: site.path("node/addresses"),
        },
      },
      { type: "portmap", capabilities: { portMappings: true } },
    ],
  });
}

export function kubeletConfiguration(site: Site): string {
  return JSON.stringify({
    apiVersion: "kubelet.config.k8s.io/v1beta1",
    kind: "KubeletConfiguration",
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: site.path("pki/ca.crt") },
    },
    authorization: { mode: "Webhook" },
    containerRuntimeEndpoint: `unix://${site.path("node/containerd.sock")}`,
    cgroupDriver: "cgroupfs",
    cgroupRoot: `/${site.cgroup}`,
    enforceNodeAllocatable: [],
    failCgroupV1: false,
    failSwapOn: false,
    // Not every file system that a temporary folder stands on can tell.
    localStorageCapacityIsolation: false,
    clusterDNS: [site.network.dns],
    clusterDomain: DNS_DOMAIN,
    resolvConf: site.path("node/resolv.conf"),
    podLogsDir: site.path("node/pod-logs"),
    volumePluginDir: site.path("node/volume-plugins"),
    staticPodPath: "",
    // What a busy machine has less of than a node of production would; nothing is evicted for it.
    evictionHard: { "memory.available": "100Mi", "nodefs.available": "1%", "imagefs.available": "1%" },
    imageGCHighThresholdPercent: 100,
    serializeImagePulls: false,
    registryPullQPS: 0,
    eventRecordQPS: 0,
    kubeAPIQPS: 100,
    kubeAPIBurst: 200,
    nodeStatusUpdateFrequency: "5s",
    maxPods: 110,
    shutdownGracePeriod: "0s",
  });
}
