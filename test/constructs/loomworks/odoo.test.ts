import { synthesizeLoomworks } from "../../support/loomworks";

const manifests = synthesizeLoomworks();
const web = manifests.find("Deployment", "odoo");
const cron = manifests.find("Deployment", "odoo-cron");
const container = (deployment: any) =>
  deployment.spec.template.spec.containers.find(({ name }: any) => name === "odoo");

describe("[LOOM-03] Odoo's web replicas", () => {
  it("are rolled one at a time, and never become fewer", () => {
    expect(web.spec.strategy.rollingUpdate).toEqual({ maxSurge: 1, maxUnavailable: 0 });
  });

  it("are as many as the autoscaler says: an apply doesn't set them back", () => {
    expect(web.spec).not.toHaveProperty("replicas");
    expect(manifests.find("HorizontalPodAutoscaler", "odoo").spec.minReplicas).toBe(2);
  });

  it("lie on different nodes, and in different zones where they can", () => {
    const spread = web.spec.template.spec.topologySpreadConstraints.map(
      ({ topologyKey, whenUnsatisfiable, maxSkew }: any) => ({ topologyKey, whenUnsatisfiable, maxSkew }),
    );
    expect(spread).toEqual([
      { topologyKey: "kubernetes.io/hostname", whenUnsatisfiable: "DoNotSchedule", maxSkew: 1 },
      { topologyKey: "topology.kubernetes.io/zone", whenUnsatisfiable: "ScheduleAnyway", maxSkew: 1 },
    ]);
  });

  it("finish the longest request before they end", () => {
    const limit = Number(manifests.find("ConfigMap", "odoo-config").data.ODOO_CONF_LIMIT_TIME_REAL);
    expect(web.spec.template.spec.terminationGracePeriodSeconds).toBeGreaterThan(limit);
  });
});

describe("[LOOM-04] a rollout that fails", () => {
  it("counts as failed after ten minutes without progress", () => {
    expect(web.spec.progressDeadlineSeconds).toBe(600);
    expect(cron.spec.progressDeadlineSeconds).toBe(600);
  });

  it("is seen by a readiness probe that asks for the database; the liveness probe doesn't, or a lost database would restart all", () => {
    const { readinessProbe, livenessProbe, startupProbe } = container(web);
    expect(readinessProbe.httpGet.path).toBe("/web/health?db_server_status=1");
    expect(livenessProbe.httpGet.path).toBe("/web/health");
    expect(startupProbe.httpGet.path).toBe("/web/health");
  });
});

describe("[LOOM-05] the filestore", () => {
  it("is one volume that all replicas and the scheduled actions write to", () => {
    expect(manifests.find("PersistentVolumeClaim", "odoo-filestore").spec.accessModes).toEqual(["ReadWriteMany"]);
    for (const deployment of [web, cron]) {
      expect(deployment.spec.template.spec.volumes).toContainEqual({
        name: "filestore",
        persistentVolumeClaim: { claimName: "odoo-filestore" },
      });
      expect(container(deployment).volumeMounts).toContainEqual({ name: "filestore", mountPath: "/var/lib/odoo" });
    }
  });
});

describe("[LOOM-06] Odoo's settings", () => {
  const { data } = manifests.find("ConfigMap", "odoo-config");

  it("come from a ConfigMap as environment", () => {
    expect(container(web).envFrom).toEqual([{ configMapRef: { name: "odoo-config" } }]);
    expect(data).toMatchObject({
      ODOO_CONF_PROXY_MODE: "True",
      ODOO_CONF_LIST_DB: "False",
      ODOO_CONF_DBFILTER: "^%d$",
      ODOO_CONF_WORKERS: "3",
    });
  });

  it("hold no secret", () => {
    expect(Object.keys(data).filter((key) => /passw|secret|key/i.test(key))).toEqual([]);
  });

  it("leave the pod room above the workers' memory", () => {
    const hard = Number(data.ODOO_CONF_LIMIT_MEMORY_HARD);
    expect(hard * (3 + 1)).toBeLessThanOrEqual(4 * 2 ** 30);
    expect(Number(data.ODOO_CONF_LIMIT_MEMORY_SOFT)).toBeLessThan(hard);
  });

  it("leave scheduled actions to their own Deployment", () => {
    expect(data.ODOO_CONF_MAX_CRON_THREADS).toBe("0");
    expect(container(cron).command).toEqual(
      expect.arrayContaining(["--no-http", "--workers=-1", "--max-cron-threads=2"]),
    );
  });
});

describe("[LOOM-06] secrets", () => {
  it("reach the pods that need them, and no others", () => {
    const readers: Record<string, string[]> = {};
    for (const [name, template] of Object.entries(manifests.podTemplates())) {
      const text = JSON.stringify(template);
      for (const secret of [
        "postgres-superuser",
        "postgres-credentials",
        "postgres-backup-credentials",
        "odoo-admin",
      ]) {
        // A migration's name ends with a hash of what it does.
        if (text.includes(`"${secret}"`)) (readers[secret] ??= []).push(name.replace(/^(odoo-migrate)-.*/, "$1"));
      }
    }
    expect(readers).toEqual({
      "postgres-superuser": ["postgres"],
      "postgres-credentials": ["postgres", "odoo-migrate", "odoo", "odoo-cron", "odoo-copy-sweep"],
      "postgres-backup-credentials": ["postgres", "odoo-migrate", "postgres-backup"],
      "odoo-admin": ["odoo-migrate", "odoo", "odoo-cron"],
    });
  });

  it("never stand on a command line", () => {
    for (const template of Object.values(manifests.podTemplates())) {
      for (const { command = [], args = [] } of [
        ...(template.spec.initContainers ?? []),
        ...template.spec.containers,
      ]) {
        expect([...command, ...args].join(" ")).not.toMatch(/\$\(.*PASS|--db_password|-w /i);
      }
    }
  });

  it("are never in the manifests themselves", () => {
    expect(manifests.all("Secret")).toEqual([]);
  });
});

describe("[LOOM-07] a Secret that somebody else than the stack changes", () => {
  it("has Reloader roll the pods that read it at their start", () => {
    for (const deployment of [web, cron]) {
      expect(deployment.metadata.annotations).toMatchObject({
        "secret.reloader.stakater.com/reload": "postgres-credentials,odoo-admin",
      });
    }
  });
});

describe("[LOOM-08] the Odoo Service", () => {
  it("exposes 8069 and 8072", () => {
    const { spec } = manifests.find("Service", "odoo");
    expect(spec.ports.map(({ port }: any) => port)).toEqual([8069, 8072]);
    expect(spec.selector).toEqual(web.spec.selector.matchLabels);
  });
});

describe("[LOOM-11] the disruption budget", () => {
  it("keeps one replica of Odoo, and isn't held up by one that never got ready", () => {
    expect(manifests.find("PodDisruptionBudget", "odoo").spec).toEqual({
      minAvailable: 1,
      selector: web.spec.selector,
      unhealthyPodEvictionPolicy: "AlwaysAllow",
    });
  });
});
