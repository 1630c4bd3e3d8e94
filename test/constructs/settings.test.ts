import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cloneImage, parseSettings, readSettings, serviceImage, SETTING_KEYS, STACKS } from "../../constructs/settings";
import { InvalidInputError } from "../../constructs/shared/problems";
import { IMAGES } from "../../constructs/versions";

/** Codes and paths of what is wrong with `raw`. */
function problemsOf(raw: unknown): string[] {
  try {
    parseSettings(raw);
  } catch (error) {
    if (error instanceof InvalidInputError) return error.problems.map(({ code, path }) => `${code} ${path}`);
    throw error;
  }
  return [];
}

describe("[PLAT-10] settings", () => {
  it.each(STACKS)("of the %s stack are right", (stack) => {
    expect(readSettings(stack, join(__dirname, "../.."))).toMatchObject({ target: "aws" });
  });

  it("have a default for everything", () => {
    const { loomworks } = parseSettings({});
    expect(loomworks).toMatchObject({ namespace: "loomworks", domain: "loomworks.app", protectData: true });
    expect(loomworks.backup.schedule).toBe("0 2 * * *");
  });

  it("[KRO-05] keep the passwords of production's clones out of their status", () => {
    const exposed = STACKS.map((stack) => readSettings(stack, join(__dirname, "../..")).clones.exposeCredentials);
    expect(Object.fromEntries(STACKS.map((stack, index) => [stack, exposed[index]]))).toEqual({
      staging: true,
      production: false,
    });
  });

  it("give clones the documents' figures", () => {
    const { clones } = parseSettings({});
    expect(clones).toMatchObject({ domain: "clones.betaweb.ai", defaultTtlSeconds: 1800, maxTtlSeconds: 604_800 });
    expect(clones.quota).toEqual({ cpu: "100", memory: "200Gi", pods: 150 });
    expect(clones.cleaner.schedule).toBe("*/5 * * * *");
    expect(cloneImage(clones)).toBe(`registry.example.com/loomworks/${IMAGES.wordpressClone}`);
    expect(serviceImage(clones)).toBe(`registry.example.com/loomworks/${IMAGES.cloneService}`);
  });

  it("[KRO-10] count ALBs only where clones are reached by path", () => {
    expect(problemsOf({ clones: { routing: "host", albGroups: 1 } })).toEqual([]);
    expect(problemsOf({ clones: { routing: "path", albGroups: 2 } })).toEqual([]);
  });

  it("keep what a stack says beside the defaults of its neighbours", () => {
    const { postgres } = parseSettings({ loomworks: { postgres: { resources: { cpuRequest: "1" } } } }).loomworks;
    expect(postgres.resources).toEqual({
      cpuRequest: "1",
      cpuLimit: "2000m",
      memoryRequest: "2Gi",
      memoryLimit: "4Gi",
    });
  });

  it("are known by their top-level keys", () => {
    expect(SETTING_KEYS).toEqual(["target", "aws", "loomworks", "clones"]);
  });
});

describe("[PLAT-10] wrong settings", () => {
  it.each<[string, unknown, string]>([
    ["type", { loomworks: { odoo: { workers: "3" } } }, "SETTING_TYPE loomworks.odoo.workers"],
    ["fraction", { loomworks: { odoo: { workers: 2.5 } } }, "SETTING_TYPE loomworks.odoo.workers"],
    ["text for a mapping", { loomworks: "yes" }, "SETTING_TYPE loomworks"],
    ["null", { loomworks: { domain: null } }, "SETTING_TYPE loomworks.domain"],
    ["range, below", { loomworks: { odoo: { minReplicas: 1 } } }, "SETTING_RANGE loomworks.odoo.minReplicas"],
    ["range, above", { loomworks: { backup: { keepDays: 99999 } } }, "SETTING_RANGE loomworks.backup.keepDays"],
    ["retention of zero", { loomworks: { backup: { keepCount: 0 } } }, "SETTING_RANGE loomworks.backup.keepCount"],
    ["unknown key", { loomworks: { odoo: { replica: 2 } } }, "SETTING_UNKNOWN loomworks.odoo.replica"],
    ["unknown top-level key", { loomwork: {} }, "SETTING_UNKNOWN loomwork"],
    ["choice", { target: "azure" }, "SETTING_CHOICE target"],
    ["wildcard domain", { loomworks: { domain: "*.loomworks.app" } }, "SETTING_DOMAIN loomworks.domain"],
    ["one-label domain", { loomworks: { domain: "localhost" } }, "SETTING_DOMAIN loomworks.domain"],
    ["address as domain", { loomworks: { domain: "10.0.0.1" } }, "SETTING_DOMAIN loomworks.domain"],
    ["upper-case domain", { loomworks: { domain: "Loomworks.app" } }, "SETTING_DOMAIN loomworks.domain"],
    ["namespace", { loomworks: { namespace: "Loom_works" } }, "SETTING_NAME loomworks.namespace"],
    ["no cron line", { loomworks: { backup: { schedule: "at two" } } }, "SETTING_SCHEDULE loomworks.backup.schedule"],
    [
      "cron line of six fields",
      { loomworks: { backup: { schedule: "0 0 2 * * *" } } },
      "SETTING_SCHEDULE loomworks.backup.schedule",
    ],
    [
      "cron minute 61",
      { loomworks: { drill: { schedule: "61 2 * * *" } } },
      "SETTING_SCHEDULE loomworks.drill.schedule",
    ],
    [
      "cron line that never runs",
      { loomworks: { drill: { schedule: "0 2 30 2 *" } } },
      "SETTING_SCHEDULE loomworks.drill.schedule",
    ],
    ["decimal unit", { loomworks: { postgres: { dataVolume: "50G" } } }, "SETTING_BYTES loomworks.postgres.dataVolume"],
    [
      "volume of zero",
      { loomworks: { postgres: { dataVolume: "0Gi" } } },
      "SETTING_BYTES loomworks.postgres.dataVolume",
    ],
    [
      "CPU as a word",
      { loomworks: { odoo: { resources: { cpuLimit: "two" } } } },
      "SETTING_CPU loomworks.odoo.resources.cpuLimit",
    ],
    [
      "CPU of zero",
      { loomworks: { odoo: { resources: { cpuLimit: "0m" } } } },
      "SETTING_CPU loomworks.odoo.resources.cpuLimit",
    ],
    [
      "request above its limit",
      { loomworks: { postgres: { resources: { memoryRequest: "8Gi" } } } },
      "SETTING_REQUEST_ABOVE_LIMIT loomworks.postgres.resources.memoryRequest",
    ],
    [
      "fewest above most",
      { loomworks: { odoo: { minReplicas: 5, maxReplicas: 4 } } },
      "ODOO_MAX_REPLICAS loomworks.odoo.maxReplicas",
    ],
    [
      "workers without memory",
      { loomworks: { odoo: { workers: 32, maxReplicas: 2 } } },
      "ODOO_WORKER_MEMORY loomworks.odoo.workers",
    ],
    [
      "too few connections",
      { loomworks: { postgres: { maxConnections: 50 } } },
      "POSTGRES_CONNECTIONS loomworks.postgres.maxConnections",
    ],
    [
      "quota smaller than what the pods ask for",
      { loomworks: { quota: { memoryRequests: "4Gi" } } },
      "QUOTA_TOO_SMALL loomworks.quota.memoryRequests",
    ],
    [
      "registry with a scheme",
      { clones: { images: { registry: "https://ghcr.io/acme" } } },
      "SETTING_REGISTRY clones.images.registry",
    ],
    [
      "registry without a path",
      { clones: { images: { registry: "ghcr.io" } } },
      "SETTING_REGISTRY clones.images.registry",
    ],
    [
      "registry with a slash at its end",
      { clones: { images: { registry: "ghcr.io/a/" } } },
      "SETTING_REGISTRY clones.images.registry",
    ],
    [
      "image without a tag",
      { clones: { images: { service: "clone-service" } } },
      "SETTING_IMAGE clones.images.service",
    ],
    [
      "image of the day",
      { clones: { images: { wordpress: "wordpress:latest" } } },
      "SETTING_IMAGE clones.images.wordpress",
    ],
    [
      "public network",
      { clones: { sharedDatabase: { network: "8.8.0.0/16" } } },
      "SETTING_NETWORK clones.sharedDatabase.network",
    ],
    [
      "network of everything",
      { clones: { sharedDatabase: { network: "10.0.0.0/8" } } },
      "SETTING_NETWORK clones.sharedDatabase.network",
    ],
    [
      "network of the instance metadata",
      { clones: { apiServer: { network: "169.254.0.0/16" } } },
      "SETTING_NETWORK clones.apiServer.network",
    ],
    [
      "network without its bits",
      { clones: { apiServer: { network: "10.0.0.1" } } },
      "SETTING_NETWORK clones.apiServer.network",
    ],
    [
      "network of 33 bits",
      { clones: { apiServer: { network: "10.0.0.1/33" } } },
      "SETTING_NETWORK clones.apiServer.network",
    ],
    ["life of nothing", { clones: { defaultTtlSeconds: 0 } }, "SETTING_RANGE clones.defaultTtlSeconds"],
    ["life of a year", { clones: { maxTtlSeconds: 31_536_000 } }, "SETTING_RANGE clones.maxTtlSeconds"],
    [
      "default life above the longest",
      { clones: { defaultTtlSeconds: 7200, maxTtlSeconds: 3600 } },
      "CLONES_DEFAULT_TTL clones.defaultTtlSeconds",
    ],
    [
      "requeue of never",
      { clones: { kro: { requeueIntervalSeconds: 0 } } },
      "SETTING_RANGE clones.kro.requeueIntervalSeconds",
    ],
    ["more clones than an ALB takes", { clones: { clonesPerAlbGroup: 100 } }, "SETTING_RANGE clones.clonesPerAlbGroup"],
    [
      "fewer places on ALBs than clones",
      { clones: { routing: "path", albGroups: 1 } },
      "CLONES_ALB_ROOM clones.albGroups",
    ],
    [
      "cleaner once a day",
      { clones: { cleaner: { schedule: "0 3 * * *" } } },
      "CLONES_CLEANER_RARE clones.cleaner.schedule",
    ],
    [
      "domain without room for a customer",
      { clones: { domain: `${"clones.".repeat(26)}example.com` } },
      "CLONES_DOMAIN_LENGTH clones.domain",
    ],
    ["quota of pods", { loomworks: { quota: { pods: 5 } } }, "QUOTA_TOO_SMALL loomworks.quota.pods"],
    ["quota of storage", { loomworks: { quota: { storage: "1Gi" } } }, "QUOTA_TOO_SMALL loomworks.quota.storage"],
  ])("are refused: %s", (_, raw, problem) => {
    expect(problemsOf(raw)).toContain(problem);
  });

  it("are all named in one run, contradictions among the right ones included", () => {
    const raw = {
      target: "azure",
      loomworks: { domain: "nowhere", backup: { schedule: "never" }, odoo: { spare: 1 }, quota: { pods: 5 } },
      clones: { maxTtlSeconds: 600, images: { registry: "nowhere" }, sharedDatabase: { network: "any" } },
    };
    expect(problemsOf(raw)).toEqual([
      "SETTING_CHOICE target",
      "SETTING_DOMAIN loomworks.domain",
      "SETTING_UNKNOWN loomworks.odoo.spare",
      "SETTING_SCHEDULE loomworks.backup.schedule",
      "SETTING_REGISTRY clones.images.registry",
      "SETTING_NETWORK clones.sharedDatabase.network",
      "QUOTA_TOO_SMALL loomworks.quota.pods",
      "CLONES_DEFAULT_TTL clones.defaultTtlSeconds",
    ]);
  });

  it("are told in a sentence with path, value, reason and remedy", () => {
    expect(() => parseSettings({ loomworks: { backup: { keepCount: 0 } } })).toThrow(
      "SETTING_RANGE loomworks.backup.keepCount: got 0; it is below 1. Give 1 or more.",
    );
  });

  it("don't have the value of an unknown key repeated, since it may be a secret in the wrong place", () => {
    expect(() => parseSettings({ loomworks: { password: "hunter2" } })).toThrow(/^(?!.*hunter2)SETTING_UNKNOWN/s);
  });
});

describe("[PLAT-10] a stack file", () => {
  let root: string;
  beforeEach(() => (root = mkdtempSync(join(tmpdir(), "loomworks-"))));
  afterEach(() => rmSync(root, { recursive: true }));

  it("that is missing is named", () => {
    expect(() => readSettings("staging", root)).toThrow(/^STACK_FILE .*Pulumi\.staging\.yaml: got null; .*ENOENT/);
  });

  it("that is no YAML is named", () => {
    writeFileSync(join(root, "Pulumi.staging.yaml"), "config: {");
    expect(() => readSettings("staging", root)).toThrow(/^STACK_FILE .*Pulumi\.staging\.yaml/);
  });

  it("may hold the keys of others beside ours", () => {
    writeFileSync(join(root, "Pulumi.staging.yaml"), "config:\n  aws:region: eu-central-1\n");
    expect(readSettings("staging", root).loomworks.domain).toBe("loomworks.app");
  });
});
