import { OBSERVABILITY_SECRETS, PEERS } from "../../../constructs/contract";
import { CHARTS, CRDS } from "../../../constructs/versions";
import { IDLE_SECONDS } from "../../../infra/network/front-door";
import { plannedAddons } from "../../support/aws-platform";
import type { Planned } from "../../support/planned";
import { checkSchemas } from "../../contract/checks/schemas";

let plan: Planned;
beforeAll(async () => {
  plan = await plannedAddons();
});

const releaseOf = (name: string): any => plan.get(`${name}-release`).inputs;
const valuesOf = (name: string): any => releaseOf(name).values;

describe("[PLAT-07] The add-ons", () => {
  const CHART_OF: Record<string, keyof typeof CHARTS> = {
    "ack-rds": "ackRds",
    argocd: "argoCd",
    "cert-manager": "certManager",
    "efs-csi": "efsCsi",
    keda: "keda",
    "kube-prometheus": "prometheus",
    "load-balancer-controller": "loadBalancerController",
    loki: "loki",
    "metrics-server": "metricsServer",
    "otel-agent": "collector",
    "otel-collector": "collector",
    "prometheus-crds": "prometheusCrds",
    reloader: "reloader",
    tempo: "tempo",
    traefik: "traefik",
  };

  it("are one release each, of the pinned chart, that undoes itself when it fails", () => {
    const releases = plan.all("Release").map(({ inputs }: any) => [inputs.name, inputs.chart, inputs.version]);
    const pinned = Object.entries(CHART_OF).map(([name, key]) => [name, CHARTS[key].chart, CHARTS[key].version]);
    expect(releases.sort()).toEqual(pinned.sort());
    for (const { inputs } of plan.all("Release")) {
      expect(inputs).toMatchObject({ atomic: true, allowNullValues: true, timeout: 600 });
    }
  });

  it("are of the versions whose kinds dist is held against, where these come with them", () => {
    expect(CHARTS.certManager.version).toBe(CRDS.certManager.version);
  });

  it("bring a ServiceMonitor each, whose kind is there before them", () => {
    const before = plan.all("Release").filter(({ name }) => name !== "prometheus-crds-release");
    for (const { name } of before) {
      const reached = new Set<string>();
      const visit = (one: string) => {
        if (reached.has(one)) return;
        reached.add(one);
        for (const urn of plan.get(one).dependsOn) visit(urn.split("::").at(-1)!);
      };
      visit(name);
      expect([name, reached.has("prometheus-crds-release")]).toEqual([name, true]);
    }
    expect(valuesOf("kube-prometheus").crds).toEqual({ enabled: false });
  });

  it("live in namespaces that refuse privileged pods, but for the two that work on the host", () => {
    const level = (one: any) => one.inputs.metadata.labels["pod-security.kubernetes.io/enforce"];
    const privileged = plan.all("Namespace").filter((one) => level(one) !== "restricted");
    expect(privileged.map((one: any) => [one.inputs.metadata.name, level(one)]).sort()).toEqual([
      ["efs-csi", "privileged"],
      ["node-agents", "privileged"],
    ]);
  });

  it("stand where the manifests' policies look for them", () => {
    expect(releaseOf("traefik").namespace).toBe(PEERS.ingress.namespace);
    expect(releaseOf("keda").namespace).toBe(PEERS.keda.namespace);
    expect(releaseOf("kube-prometheus").namespace).toBe(PEERS.prometheus.namespace);
    expect(releaseOf("otel-collector").namespace).toBe(PEERS.otel.namespace);
  });

  it.each([
    ["load-balancer-controller", "replicaCount"],
    ["cert-manager", "replicaCount"],
    ["metrics-server", "replicas"],
    ["otel-collector", "replicaCount"],
  ])("%s has two replicas, of which one may go at a time", (name, field) => {
    expect(valuesOf(name)[field]).toBe(2);
    expect(JSON.stringify(valuesOf(name).podDisruptionBudget)).toContain('"maxUnavailable":1');
  });

  it("have no secret in their values, and no password at all", () => {
    for (const { inputs, secretPaths, name } of plan.all("Release")) {
      expect([name, secretPaths]).toEqual([name, []]);
      expect(JSON.stringify(inputs.values)).not.toMatch(/"(adminPassword|password|secretAccessKey|accessKeyId)":/i);
    }
  });

  it("ask for objects as the API server and the pinned CRDs declare them", () => {
    const sent = ["Namespace", "ClusterIssuer", "Certificate"].flatMap((kind) => plan.all(kind));
    const objects = sent.map(({ inputs, type }) => ({
      apiVersion: "v1",
      kind: type.split(":").at(-1),
      ...inputs,
    }));
    expect(objects.length).toBeGreaterThan(10);
    expect(checkSchemas(objects as any)).toEqual([]);
  });

  it("are made by the providers that were given", () => {
    const providers = ["aws", "kubernetes", "random"].map((name) => plan.get(name).urn);
    for (const { custom, provider, type } of plan.resources) {
      if (custom && !type.startsWith("pulumi:")) expect(providers).toContain(provider);
    }
  });
});

describe("[CLONE-09] Traefik", () => {
  it("believes what the load balancer says of callers, and nobody else", () => {
    const { websecure } = valuesOf("traefik").ports;
    expect(websecure.forwardedHeaders).toEqual({ trustedIPs: ["10.0.0.0/16"], notAppendXForwardedFor: true });
  });

  it("waits longer than the load balancer, and as long as Odoo's longest request", () => {
    const { readTimeout, idleTimeout } = valuesOf("traefik").ports.websecure.transport.respondingTimeouts;
    expect(parseInt(idleTimeout, 10)).toBeGreaterThan(IDLE_SECONDS);
    expect(parseInt(readTimeout, 10)).toBeGreaterThan(600);
  });

  it("has no load balancer of its own: its pods are put into the program's target group", () => {
    expect(valuesOf("traefik").service.spec.type).toBe("ClusterIP");
    expect(plan.get("traefik-targets").inputs).toMatchObject({
      kind: "TargetGroupBinding",
      metadata: { namespace: "traefik" },
      spec: {
        serviceRef: { name: "traefik", port: "websecure" },
        targetType: "ip",
        targetGroupARN: expect.stringContaining(":targetgroup/traefik/1"),
      },
    });
    expect(plan.before("traefik-targets")).toEqual(
      expect.arrayContaining(["traefik-release", "load-balancer-controller-release"]),
    );
  });

  it("answers for hosts that bring no certificate, clones, with the wildcard's", () => {
    expect(valuesOf("traefik").tlsStore.default.defaultCertificate).toEqual({ secretName: "default-certificate" });
    expect(plan.get("clones-certificate-certificate").inputs).toMatchObject({
      metadata: { namespace: "traefik" },
      spec: {
        secretName: "default-certificate",
        dnsNames: ["*.clones.betaweb.ai"],
        issuerRef: { kind: "ClusterIssuer", name: "letsencrypt" },
      },
    });
    expect(plan.before("clones-certificate-certificate")).toContain("cert-manager-letsencrypt");
  });
});

describe("[LOOM-09] The issuer of certificates", () => {
  it("proves both domains by DNS, each in its own zone, and is one where both ask for the same", () => {
    const [issuer, ...others] = plan.all("ClusterIssuer");
    expect(others).toEqual([]);
    expect(issuer!.inputs).toMatchObject({
      metadata: { name: "letsencrypt" },
      spec: {
        acme: {
          email: "hostmaster@platform.example.com",
          solvers: ["loomworks.app", "clones.betaweb.ai"].map((domain) => ({
            selector: { dnsZones: [domain] },
            dns01: { route53: { region: "eu-central-1", hostedZoneID: `[id of ${domain}]` } },
          })),
        },
      },
    });
    expect(plan.before("cert-manager-letsencrypt")).toContain("cert-manager-release");
  });

  it("has the metrics of a certificate carry its own namespace, by which the alert asks", () => {
    expect(valuesOf("cert-manager").prometheus.servicemonitor).toEqual({ enabled: true, honorLabels: true });
  });
});

describe("Single add-ons", () => {
  it("[PLAT-04] KEDA reads Secrets of the clones' namespace alone, and scales nothing but what Kubernetes itself has", () => {
    expect(valuesOf("keda")).toMatchObject({
      watchNamespace: "clones",
      rbac: { enabledCustomScaledRefKinds: false },
      operator: { replicaCount: 2 },
    });
  });

  it("[KRO-07] ACK works on databases in production's namespace alone, on ten at once", () => {
    expect(valuesOf("ack-rds")).toMatchObject({
      installScope: "namespace",
      watchNamespace: "wordpress-production",
      reconcile: { resources: ["DBInstance"], resourceMaxConcurrentSyncs: { DBInstance: 10 } },
      enableCARM: false,
    });
  });

  it("[LOOM-07] Reloader rolls what asks for it, by an annotation", () => {
    expect(valuesOf("reloader").reloader).toMatchObject({ autoReloadAll: false, reloadStrategy: "annotations" });
  });

  it("metrics-server shows a certificate that is checked", () => {
    expect(valuesOf("metrics-server")).toMatchObject({
      tls: { type: "helm" },
      apiService: { insecureSkipTLSVerify: false },
    });
  });

  it("[PLAT-06] Grafana's password is made, and is a secret", () => {
    const secret = plan.get("observability-credentials-grafana-admin");
    expect(secret.secretPaths).toEqual(["stringData"]);
    expect(valuesOf("kube-prometheus").grafana.admin.existingSecret).toBe(OBSERVABILITY_SECRETS.grafana.name);
  });
});
