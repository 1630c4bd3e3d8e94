import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { Keeper } from "./keeper";
import { kubeconfigText } from "./kubeconfig";
import { freeNetwork, NodeNetwork } from "./node/network";
import { createCertificates, LOCALHOST } from "./pki";
import { freePorts } from "./probe";
import type { Startable } from "./programs/program";
import { stagesText } from "./stages";

/** What programs of a cluster can be told. */
export interface SiteSettings {
  /** Whether every request is written to `logs/audit.log`, with its body. */
  readonly audit: boolean;
  /** Seconds between two looks of the HorizontalPodAutoscaler controller. */
  readonly autoscalerSyncSeconds: number;
  /** More arguments for kube-apiserver. */
  readonly apiServerArgs: readonly string[];
  /** Fake nodes to play, or "real" for this machine as a node. */
  readonly nodes: number | "real";
}

/** Range of the Services' addresses where no node has to have a way to them. */
const SERVICES = "10.96.0.0/16";

/** The administrator: who tests are. */
export const ADMIN = "admin";

const AUDIT_POLICY = JSON.stringify({
  apiVersion: "audit.k8s.io/v1",
  kind: "Policy",
  omitStages: ["RequestReceived"],
  rules: [
    { level: "Metadata", resources: [{ group: "", resources: ["secrets", "configmaps"] }] },
    { level: "RequestResponse", verbs: ["create", "update", "patch", "delete", "deletecollection"] },
    { level: "Metadata" },
  ],
});

/** Where one cluster lives: its folder, its ports, its users. Programs read it; nothing in it changes. */
export class Site {
  private constructor(
    private readonly folder: string,
    private readonly ports: ReadonlyMap<string, number>,
    readonly settings: SiteSettings,
    private readonly nodeNetwork: NodeNetwork | undefined,
  ) {}

  /** Lays out a folder for these programs: ports, certificates, a user and a kubeconfig for each. */
  static async prepare({ folder }: Keeper, programs: readonly Startable[], settings: SiteSettings): Promise<Site> {
    const names = programs.flatMap(({ run }) => run?.ports ?? []);
    const numbers = await freePorts(names.length);
    const ports = new Map(names.map((name, index) => [name, numbers[index] ?? 0]));
    const site = new Site(folder, ports, settings, settings.nodes === "real" ? freeNetwork() : undefined);
    // The API server itself is the first of the Services.
    const service = site.services.replace(/\d+\/\d+$/, "1");
    createCertificates(site.path("pki"), [site.address, service]);
    writeFileSync(site.path("audit-policy.yaml"), AUDIT_POLICY);
    writeFileSync(site.path("stages.yaml"), stagesText());
    site.writeUsers(programs);
    return site;
  }

  get server(): string {
    return `https://${this.address}:${this.port("api")}`;
  }

  /** Where the API server listens: on this machine's end of the cable to a real node, which localhost doesn't lead to. */
  get address(): string {
    return this.nodeNetwork?.host ?? LOCALHOST;
  }

  /** Range of the Services' addresses. */
  get services(): string {
    return this.nodeNetwork?.services ?? SERVICES;
  }

  /** That of the real node. */
  get network(): NodeNetwork {
    if (this.nodeNetwork) return this.nodeNetwork;
    throw new Error("A cluster of fake nodes has no network");
  }

  /** Control group of everything on a real node: the folder's name, which is nobody else's. */
  get cgroup(): string {
    return basename(this.folder);
  }

  path(relative: string): string {
    return join(this.folder, relative);
  }

  port(name: string): number {
    const port = this.ports.get(name);
    if (port === undefined) throw new Error(`No program of this cluster declares the port ${name}`);
    return port;
  }

  /** The file by which `user` logs in: the name of a program, or {@link ADMIN}. */
  kubeconfig(user: string): string {
    return user === ADMIN ? this.path("kubeconfig") : this.path(`users/${user}.kubeconfig`);
  }

  private writeUsers(programs: readonly Startable[]): void {
    const authority = readFileSync(this.path("pki/ca.crt"), "utf8");
    mkdirSync(this.path("users"));
    const users = [
      { user: ADMIN, groups: ["system:masters"] as readonly string[] },
      ...programs.flatMap(({ name, run }) => (run?.groups ? [{ user: name, groups: run.groups }] : [])),
    ];
    const lines = users.map(({ user, groups }) => {
      const token = randomBytes(16).toString("hex");
      const text = kubeconfigText({ server: this.server, authority, user, token });
      writeFileSync(this.kubeconfig(user), text, { mode: 0o600 });
      return `${token},${user},${user},"${groups.join(",")}"`;
    });
    writeFileSync(this.path("pki/tokens.csv"), `${lines.join("\n")}\n`, { mode: 0o600 });
  }
}
