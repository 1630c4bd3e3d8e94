import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CLONE_LABELS } from "../../../constructs/contract";
import { clonePod } from "../../../clones/templates/wordpress-clone/pod";
import { warmPodTemplate, warmPodTemplateData } from "../../../clones/templates/warm-pod";
import { MYSQL_START } from "../../../clones/warm-pool/commands";
import { warmPoolSettings } from "../../../clones/warm-pool/main";
import { newCredentials, newPodName, podManifest, secretManifest } from "../../../clones/warm-pool/manifest";
import { objectionsTo } from "../../support/pod-security";

const IMAGE = "registry.example.com/loomworks/wordpress-clone:0.1.0";
const template = warmPodTemplateData({ image: IMAGE })["pod.json"]!;
const pod = podManifest(template, "wordpress-warm-1", "wordpress-staging") as any;
const [wordpress, mysql] = pod.spec.containers;
const variable = (name: string) => wordpress.env.find((one: any) => one.name === name);

describe("the pod of the warm pool", () => {
  it("[WARM-02] is the clones' pod with MySQL beside it, in resources, probes, volumes and rights", () => {
    const { spec } = clonePod(IMAGE, true) as any;
    for (const [index, container] of [wordpress, mysql].entries()) {
      // What differs, and is looked at below.
      const same = { env: undefined, command: undefined, args: undefined };
      expect({ ...container, ...same }).toEqual({ ...spec.containers[index], ...same });
    }
    expect(wordpress.resources).toEqual({
      requests: { cpu: "500m", memory: "512Mi" },
      limits: { cpu: "1000m", memory: "1Gi" },
    });
    expect(mysql.livenessProbe).toMatchObject({
      exec: { command: ["mysqladmin", "ping", "-h127.0.0.1"] },
      periodSeconds: 10,
    });
    expect(pod.spec.volumes).toEqual(spec.volumes);
    expect([...objectionsTo(pod)]).toEqual([]);
  });

  it("[WARM-02] has a password of its own, in a Secret that goes with it", () => {
    expect(variable("WORDPRESS_DB_PASSWORD").valueFrom.secretKeyRef.name).toBe("wordpress-warm-1-credentials");
    const made = Object.assign(pod, { metadata: { ...pod.metadata, uid: "uid-1" } });
    const secret = secretManifest(made, newCredentials());
    expect(secret.metadata).toMatchObject({ name: "wordpress-warm-1-credentials", namespace: "wordpress-staging" });
    expect(secret.metadata?.ownerReferences).toEqual([
      { apiVersion: "v1", kind: "Pod", name: "wordpress-warm-1", uid: "uid-1" },
    ]);
    for (const container of [wordpress, mysql]) {
      const asked = container.env.flatMap((one: any) => one.valueFrom?.secretKeyRef?.key ?? []);
      expect(Object.keys(secret.stringData!)).toEqual(expect.arrayContaining(asked));
    }
    expect(newCredentials()["database-password"]).not.toBe(newCredentials()["database-password"]);
    expect(newPodName()).toMatch(/^wordpress-warm-[0-9a-f]{8}$/);
  });

  it("[WARM-04] says what it is by the documents' labels, and is nobody's clone", () => {
    expect(pod.metadata.labels).toMatchObject({ "pool-type": "warm", "pool-status": "creating" });
    expect(pod.metadata.labels).not.toHaveProperty([CLONE_LABELS.clone]);
    expect(pod.metadata.annotations ?? {}).not.toHaveProperty(["karpenter.sh/do-not-disrupt"]);
  });

  it("[WARM-01] runs in the pool's mode, and leaves nothing for KRO to fill in", () => {
    expect(variable("WARM_POOL_MODE")).toEqual({ name: "WARM_POOL_MODE", value: "true" });
    expect(variable("WORDPRESS_DB_HOST")).toEqual({ name: "WORDPRESS_DB_HOST", value: "127.0.0.1:3306" });
    expect(variable("CLONE_NAME").value).toBe("wordpress-warm-1");
    expect(template).not.toContain("${");
    expect(template).not.toContain("schema.");
  });

  it("[WARM-05] starts its containers again however they end, and MySQL by way of what erases it if it was told so", () => {
    expect(pod.spec.restartPolicy).toBe("Always");
    expect(mysql.command).toEqual(MYSQL_START);
    expect(mysql.args).toEqual(["--bind-address=127.0.0.1", "--mysqlx=OFF", "--disable-log-bin"]);
  });

  it("goes to the nodes that it is told", () => {
    const tolerations = [{ key: "buffer", operator: "Exists" }];
    const { spec } = warmPodTemplate({ image: IMAGE, nodeSelector: { pool: "buffer" }, tolerations }) as any;
    expect(spec).toMatchObject({ nodeSelector: { pool: "buffer" }, tolerations });
    expect(pod.spec).not.toHaveProperty("nodeSelector");
  });
});

describe("the settings of the warm pool's process", () => {
  const file = join(mkdtempSync(join(tmpdir(), "warm-pool-")), "pod.json");
  beforeAll(() => writeFileSync(file, template));

  it("[WARM-03] keeps one to two pods if nothing else is said", () => {
    const settings = warmPoolSettings({ WARM_POD_TEMPLATE: file });
    expect(settings).toMatchObject({ min: 1, max: 2, reuse: false, namespace: "wordpress-staging", startSeconds: 300 });
    const env = { WARM_POD_TEMPLATE: file, WARM_POOL_MIN: "5", WARM_POOL_REUSE: "true" };
    expect(warmPoolSettings(env)).toMatchObject({ min: 5, max: 5, reuse: true });
  });

  it("says everything that is wrong at once", () => {
    const env = { WARM_POD_TEMPLATE: __filename, WARM_POOL_MIN: "3", WARM_POOL_MAX: "two" };
    expect(() => warmPoolSettings(env)).toThrow(/WARM_POOL_ARGUMENT WARM_POOL_MAX.*\n.*WARM_POD_TEMPLATE/);
    expect(() => warmPoolSettings({ WARM_POD_TEMPLATE: file, WARM_POOL_MIN: "3", WARM_POOL_MAX: "2" })).toThrow(
      /WARM_POOL_MIN: got 3; it is more than the most, 2/,
    );
  });
});
