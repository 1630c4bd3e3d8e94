import samples from "../../constructs/imports/kubernetes/pod-security.json";
import { objectionsTo, Pod, RuleName, RULES } from "../support/pod-security";

/** Which rule refuses the plugin's samples of a name: `hostports1` is the second sample that breaks "Host Ports". */
const RULE_OF_SAMPLE: Record<string, RuleName> = {
  allowprivilegeescalation: "Privilege Escalation",
  apparmorprofile: "AppArmor",
  capabilities_baseline: "Capabilities",
  capabilities_restricted: "Capabilities",
  hostnamespaces: "Host Namespaces",
  hostpathvolumes: "HostPath Volumes",
  hostports: "Host Ports",
  hostprobesandhostlifecycle: "Host Probes / Lifecycle Hooks",
  privileged: "Privileged Containers",
  procmount: "/proc Mount Type",
  procmount_restricted: "/proc Mount Type",
  restrictedvolumes: "Volume Types",
  runasnonroot: "Running as Non-root",
  runasuser: "Running as Non-root user",
  seccompprofile_baseline: "Seccomp",
  seccompprofile_restricted: "Seccomp",
  selinuxoptions: "SELinux",
  sysctls: "Sysctls",
  windowshostprocess: "HostProcess",
};

type Sample = Pod & { readonly metadata: { readonly name: string } };

const named = (pods: readonly unknown[]) => (pods as Sample[]).map((pod) => [pod.metadata.name, pod] as const);

describe("our reading of Pod Security restricted", () => {
  it.each(named(samples.refused))(
    "refuses the admission plugin's own sample %s, and by the rule it breaks",
    (name, pod) => {
      expect([...objectionsTo(pod).keys()]).toContain(RULE_OF_SAMPLE[name.replace(/\d+$/, "")]);
    },
  );

  it.each(named(samples.admitted).filter(([name]) => name !== "base_windows"))("admits its sample %s", (_name, pod) => {
    expect(objectionsTo(pod)).toEqual(new Map());
  });

  it("has each of its rules broken by some sample", () => {
    const broken = named(samples.refused).flatMap(([, pod]) => [...objectionsTo(pod).keys()]);
    expect([...new Set(broken)].sort()).toEqual(Object.keys(RULES).sort());
  });

  it("says where, and what stands there", () => {
    const spec = { containers: [{ name: "web", ports: [{ hostPort: 80 }] }] };
    const objections = objectionsTo({ spec });
    expect(objections.get("Host Ports")).toEqual(["containers[web].ports.hostPort is 80"]);
    expect(objections.get("Seccomp")).toEqual(["containers[web].securityContext.seccompProfile.type is missing"]);
  });
});
