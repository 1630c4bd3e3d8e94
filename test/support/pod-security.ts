/**
 * The Pod Security level "restricted", which includes "baseline", rule by rule as the Kubernetes documentation has it.
 * Kept to what this platform runs: pods of Linux, and no easing for pods in user namespaces. So it refuses a few pods that
 * the admission plugin admits, and admits none that the plugin refuses.
 */

/** A pod, or the template of one. */
export interface Pod {
  readonly metadata?: { readonly annotations?: Readonly<Record<string, string>> };
  readonly spec: any;
}

/** Where something stands in a pod, and what stands there. */
type Field = readonly [path: string, value: any];

const SAFE_SYSCTLS = [
  "kernel.shm_rmid_forced",
  "net.ipv4.ip_local_port_range",
  "net.ipv4.ip_local_reserved_ports",
  "net.ipv4.ip_unprivileged_port_start",
  "net.ipv4.ping_group_range",
  "net.ipv4.tcp_fin_timeout",
  "net.ipv4.tcp_keepalive_intvl",
  "net.ipv4.tcp_keepalive_probes",
  "net.ipv4.tcp_keepalive_time",
  "net.ipv4.tcp_rmem",
  "net.ipv4.tcp_syncookies",
  "net.ipv4.tcp_wmem",
];
const SELINUX_TYPES = ["container_t", "container_init_t", "container_kvm_t", "container_engine_t"];
const VOLUME_TYPES = "configMap csi downwardAPI emptyDir ephemeral image persistentVolumeClaim projected secret".split(
  " ",
);
const PROFILES = ["RuntimeDefault", "Localhost"];
const APPARMOR_ANNOTATION = "container.apparmor.security.beta.kubernetes.io/";

/** Every rule by its name in the documentation: baseline's first, then those that restricted adds. */
export const RULES = {
  HostProcess: (pod) => refuse(inContexts(pod, "windowsOptions.hostProcess"), isNot(true)),
  "Host Namespaces": (pod) => refuse(["hostNetwork", "hostPID", "hostIPC"].map(field(pod.spec, "")), isNot(true)),
  "Privileged Containers": (pod) => refuse(inContainers(pod, "securityContext.privileged"), isNot(true)),
  "HostPath Volumes": (pod) => refuse(inVolumes(pod, "hostPath"), isUnset),
  "Host Ports": (pod) => refuse(inPorts(pod, "hostPort"), isUnset),
  "Host Probes / Lifecycle Hooks": (pod) =>
    refuse(
      ["livenessProbe", "readinessProbe", "startupProbe", "lifecycle.postStart", "lifecycle.preStop"].flatMap(
        (hook) => [...inContainers(pod, `${hook}.httpGet.host`), ...inContainers(pod, `${hook}.tcpSocket.host`)],
      ),
      isUnset,
    ),
  AppArmor: (pod) => [
    ...refuse(inContexts(pod, "appArmorProfile.type"), isUnsetOr(PROFILES)),
    ...refuse(inAppArmorAnnotations(pod), (profile) => /^(|runtime\/default|localhost\/.*)$/.test(profile)),
  ],
  SELinux: (pod) => [
    ...refuse(inContexts(pod, "seLinuxOptions.type"), isUnsetOr(SELINUX_TYPES)),
    ...refuse([...inContexts(pod, "seLinuxOptions.user"), ...inContexts(pod, "seLinuxOptions.role")], isUnset),
  ],
  "/proc Mount Type": (pod) => refuse(inContainers(pod, "securityContext.procMount"), isUnsetOr(["Default"])),
  Sysctls: (pod) => refuse(inSysctls(pod), (name) => SAFE_SYSCTLS.includes(name)),

  "Volume Types": (pod) => refuse(typesOfVolumes(pod), (type) => VOLUME_TYPES.includes(type)),
  "Privilege Escalation": (pod) => refuse(inContainers(pod, "securityContext.allowPrivilegeEscalation"), is(false)),
  "Running as Non-root": (pod) => [
    ...refuse(inContexts(pod, "runAsNonRoot"), isNot(false)),
    ...refuse(asContainersRun(pod, "runAsNonRoot"), is(true)),
  ],
  "Running as Non-root user": (pod) => refuse(inContexts(pod, "runAsUser"), isNot(0)),
  Seccomp: (pod) => [
    ...refuse(inContexts(pod, "seccompProfile.type"), isUnsetOr(PROFILES)),
    ...refuse(asContainersRun(pod, "seccompProfile.type"), (type) => PROFILES.includes(type)),
  ],
  Capabilities: (pod) => [
    ...refuse(inContainers(pod, "securityContext.capabilities.drop"), (names) => names?.includes("ALL")),
    ...refuse(inContainers(pod, "securityContext.capabilities.add"), (names = []) =>
      names.every((name: string) => name === "NET_BIND_SERVICE"),
    ),
  ],
} as const satisfies Record<string, (pod: Pod) => string[]>;

export type RuleName = keyof typeof RULES;

/** What "restricted" has against a pod, rule by rule; a rule that is kept isn't there. */
export function objectionsTo(pod: Pod): Map<RuleName, string[]> {
  const names = Object.keys(RULES) as RuleName[];
  return new Map(
    names.map((name) => [name, RULES[name](pod)] as const).filter(([, objections]) => objections.length > 0),
  );
}

function refuse(fields: readonly Field[], admitted: (value: any) => boolean): string[] {
  return fields
    .filter(([, value]) => !admitted(value))
    .map(([path, value]) => `${path} ${value === undefined ? "is missing" : `is ${JSON.stringify(value)}`}`);
}

const is = (wanted: unknown) => (value: unknown) => value === wanted;
const isNot = (refused: unknown) => (value: unknown) => value !== refused;
/** Kubernetes reads an empty text and a port of 0 as nothing. */
const isUnset = (value: unknown) => value === undefined || value === "" || value === 0;
const isUnsetOr = (admitted: readonly string[]) => (value: any) => isUnset(value) || admitted.includes(value);

/** A field by its dotted path below `node`, named from `prefix` on. */
function field(node: any, prefix: string): (path: string) => Field {
  return (path) => [`${prefix}${path}`, path.split(".").reduce((inner, key) => inner?.[key], node)];
}

function containersOf({ spec }: Pod): [prefix: string, container: any][] {
  return ["initContainers", "containers", "ephemeralContainers"].flatMap((list) =>
    (spec[list] ?? []).map((container: any) => [`${list}[${container.name}].`, container]),
  );
}

function inContainers(pod: Pod, path: string): Field[] {
  return containersOf(pod).map(([prefix, container]) => field(container, prefix)(path));
}

/** Of the pod's own security context and of its containers'. */
function inContexts(pod: Pod, path: string): Field[] {
  return [field(pod.spec, "")(`securityContext.${path}`), ...inContainers(pod, `securityContext.${path}`)];
}

/** As it holds in the end for each container: its own, or else the pod's. */
function asContainersRun(pod: Pod, path: string): Field[] {
  const [, ofPod] = field(pod.spec, "")(`securityContext.${path}`);
  return inContainers(pod, `securityContext.${path}`).map(([name, own]) => [name, own ?? ofPod]);
}

function inPorts(pod: Pod, path: string): Field[] {
  return containersOf(pod).flatMap(([prefix, { ports = [] }]) =>
    ports.map((port: any) => field(port, `${prefix}ports.`)(path)),
  );
}

function inVolumes({ spec }: Pod, path: string): Field[] {
  return (spec.volumes ?? []).map((volume: any) => field(volume, `volumes[${volume.name}].`)(path));
}

/** A volume of no type is an emptyDir. */
function typesOfVolumes({ spec }: Pod): Field[] {
  return (spec.volumes ?? []).map(({ name, ...types }: any) => [
    `volumes[${name}]`,
    [...Object.keys(types), "emptyDir"][0],
  ]);
}

function inSysctls({ spec }: Pod): Field[] {
  return (spec.securityContext?.sysctls ?? []).map((sysctl: any) => field(sysctl, "securityContext.sysctls.")("name"));
}

function inAppArmorAnnotations({ metadata }: Pod): Field[] {
  return Object.entries(metadata?.annotations ?? {}).filter(([name]) => name.startsWith(APPARMOR_ANNOTATION));
}
