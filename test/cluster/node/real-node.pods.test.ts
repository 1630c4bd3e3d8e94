import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { execInPod } from "../../support/exec-in-pod";
import { describeWithCluster } from "../describe";
import { eventually } from "../eventually";
import { startCluster } from "../cluster";
import { isReady } from "../pods";
import { NODE_NAME, PAUSE_IMAGE } from "./configuration";

const NAMESPACE = "default";
const POD = { apiVersion: "v1", kind: "Pod", metadata: { name: "web", namespace: NAMESPACE } };

/** A web server of busybox, the only program that the node has from the start, as restricted as a pod can be. */
const MANIFESTS = [
  {
    apiVersion: "storage.k8s.io/v1",
    kind: "StorageClass",
    metadata: { name: "gp3" },
    provisioner: "ebs.csi.aws.com",
    volumeBindingMode: "WaitForFirstConsumer",
  },
  {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: { name: "data", namespace: NAMESPACE },
    spec: { accessModes: ["ReadWriteOnce"], storageClassName: "gp3", resources: { requests: { storage: "64Mi" } } },
  },
  {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "site", namespace: NAMESPACE },
    spec: { selector: { app: "web" }, ports: [{ port: 80, targetPort: 8080 }] },
  },
  {
    ...POD,
    metadata: { ...POD.metadata, labels: { app: "web" } },
    spec: {
      terminationGracePeriodSeconds: 1,
      securityContext: {
        runAsNonRoot: true,
        runAsUser: 1000,
        fsGroup: 2000,
        seccompProfile: { type: "RuntimeDefault" },
      },
      containers: [
        {
          name: "web",
          image: PAUSE_IMAGE,
          command: [
            "/bin/busybox",
            "sh",
            "-c",
            "echo $(busybox id) >/data/index.html; exec busybox httpd -f -p 8080 -h /data",
          ],
          securityContext: {
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            capabilities: { drop: ["ALL"] },
          },
          readinessProbe: { httpGet: { path: "/", port: 8080 }, periodSeconds: 1 },
          resources: { requests: { cpu: "10m", memory: "32Mi" }, limits: { memory: "32Mi" } },
          volumeMounts: [{ name: "data", mountPath: "/data" }],
        },
      ],
      volumes: [{ name: "data", persistentVolumeClaim: { claimName: "data" } }],
    },
  },
];

/** What of a cluster this machine shows: interfaces, control groups, mounts, loop devices, processes. */
function traces(name: string, cable: string): Record<string, string[]> {
  const lines = (text: string, part: string) => text.split("\n").filter((line) => line.includes(part));
  return {
    interfaces: lines(execFileSync("ip", ["-o", "link"], { encoding: "utf8" }), `${cable}@`),
    routes: lines(execFileSync("ip", ["route"], { encoding: "utf8" }), `${cable} `),
    rules: lines(execFileSync("iptables-save", { encoding: "utf8" }), "KUBE-"),
    groups: execFileSync("find", ["/sys/fs/cgroup", "-maxdepth", "2", "-name", name], { encoding: "utf8" })
      .split("\n")
      .filter(Boolean),
    mounts: lines(readFileSync("/proc/self/mountinfo", "utf8"), name),
    loops: lines(execFileSync("losetup", ["--list", "--output", "BACK-FILE"], { encoding: "utf8" }), name),
    processes: readdirSync("/proc")
      .filter((entry) => /^\d+$/.test(entry))
      .filter((id) => readCommand(id).includes(name)),
  };
}

function readCommand(id: string): string {
  try {
    return readFileSync(`/proc/${id}/cmdline`, "utf8");
  } catch {
    return "";
  }
}

describeWithCluster("a real node", { own: true, nodes: "real", sizedVolumes: [`${NAMESPACE}/data`] }, (cluster) => {
  const ready = async () => isReady(await cluster().client.get(POD));
  const inPod = async (...command: string[]) => {
    const run = { container: "web", command: ["/bin/busybox", ...command], seconds: 20 };
    return await execInPod(cluster().config, NAMESPACE, "web", run);
  };
  const page = async (url: string) => await (await fetch(url, { signal: AbortSignal.timeout(3_000) })).text();
  const addressOf = async (kind: string, name: string) => {
    const { spec, status } = await cluster().client.get({
      apiVersion: "v1",
      kind,
      metadata: { name, namespace: NAMESPACE },
    });
    return kind === "Pod" ? status.podIP : spec.clusterIP;
  };

  beforeAll(async () => {
    await cluster().apply(MANIFESTS);
    await eventually(ready, { what: "the pod ready", timeoutMs: 60_000 });
  });

  it("runs a restricted pod as who it is told, on a volume that its group may write to", async () => {
    expect(await page(`http://${await addressOf("Pod", "web")}:8080/`)).toBe("uid=1000 gid=0 groups=0,2000\n");
  });

  it("leads a Service's address to it, from this machine and by name from a pod", async () => {
    const text = await page(`http://${await addressOf("Service", "site")}/`);
    expect(text).toContain("uid=1000");
    expect(await inPod("wget", "-qO-", "http://site.default.svc/")).toBe(text);
  });

  it("tells what a pod uses", async () => {
    const metrics = { apiVersion: "metrics.k8s.io/v1beta1", kind: "PodMetrics", metadata: POD.metadata };
    const { containers } = await eventually(() => cluster().client.find(metrics) as Promise<any>, {
      what: "its metrics",
      timeoutMs: 60_000,
    });
    expect(containers).toEqual([{ name: "web", usage: { cpu: expect.any(String), memory: expect.any(String) } }]);
  });

  it("has a volume that ends where its size does, if it is to have one", async () => {
    const fill = "dd if=/dev/zero of=/data/filler bs=1M count=100";
    await expect(inPod("sh", "-c", fill)).rejects.toThrow("No space left on device");
    await inPod("rm", "/data/filler");
    expect(await inPod("sh", "-c", "echo room >/data/room && cat /data/room")).toBe("room\n");
  });

  it("starts a container again that is killed", async () => {
    const status = async () => (await cluster().client.get(POD)).status.containerStatuses[0];
    const { containerID } = await status();
    await cluster().killContainer(containerID);
    const after = await eventually(
      async () => {
        const { ready, restartCount, lastState } = await status();
        return ready && restartCount === 1 && lastState.terminated;
      },
      { what: "the next container", timeoutMs: 60_000 },
    );
    expect(after).toMatchObject({ containerID, exitCode: 137 });
  });

  it("ends what takes more memory than its pod may", async () => {
    await expect(inPod("tail", "/dev/zero")).rejects.toThrow(/137|Killed/);
  });

  it.each(["kubelet", "containerd"] as const)(
    "goes on with its pods while its %s is away, and after",
    async (program) => {
      const before = (await cluster().client.get(POD)).status.containerStatuses[0].containerID;
      const address = await addressOf("Pod", "web");
      await cluster().kill(program);
      expect(await page(`http://${address}:8080/`)).toContain("uid=1000");
      await cluster().resume(program);
      const answers = async () => (await inPod("id", "-u")).trim() === "1000";
      await eventually(answers, { what: "a command in the pod", timeoutMs: 60_000 });
      expect((await cluster().client.get(POD)).status.containerStatuses[0].containerID).toBe(before);
    },
  );

  it("leaves nothing on this machine when it stops", async () => {
    await cluster().stop();
    const other = await startCluster({ nodes: "real" });
    const name = basename(other.folder!);
    const { status } = await other.client.get({ apiVersion: "v1", kind: "Node", metadata: { name: NODE_NAME } });
    const cable = `loomworks${status.addresses[0].address.split(".")[2]}`;
    const before = traces(name, cable);
    expect([before.interfaces, before.routes].map((found) => found!.length)).toEqual([1, 3]);
    expect(before.groups!.length).toBeGreaterThan(0);
    expect(before.processes!.length).toBeGreaterThan(5);
    await other.stop();
    const nothing = { interfaces: [], routes: [], rules: [], groups: [], mounts: [], loops: [], processes: [] };
    expect(traces(name, cable)).toEqual(nothing);
    expect(existsSync(other.folder!)).toBe(false);
  });
});
