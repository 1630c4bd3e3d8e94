import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { parseSettings } from "../../../constructs/settings";
import type { AwsTarget } from "../../../constructs/settings";
import { InvalidInputError } from "../../../constructs/shared/problems";
import { AlertChannels, alertReach, alertSecret, readAlertChannels } from "../../../infra/observability/alert-channels";
import { alertmanagerConfig, CONSEQUENCES } from "../../../infra/observability/alertmanager-config";
import { plannedAddons } from "../../support/aws-platform";
import type { Planned } from "../../support/planned";

const URL = "https://hooks.example.com/T0/secret-part";
const EMAIL = { to: ["oncall@example.com"], smarthost: "mail.example.com:587", username: "alerts" };

/** What the program reads where the stack has these secrets and settings. */
function read(config: Record<string, string>, alerts: object = {}, encrypted = Object.keys(config)): AlertChannels {
  process.env.PULUMI_CONFIG_SECRET_KEYS = JSON.stringify(encrypted);
  pulumi.runtime.setAllConfig(config, encrypted);
  const { aws } = parseSettings({ aws: { domain: "platform.example.com", observability: { alerts } } });
  return readAlertChannels(aws as AwsTarget);
}

afterEach(() => {
  delete process.env.PULUMI_CONFIG_SECRET_KEYS;
  pulumi.runtime.setAllConfig({});
});

function problems(run: () => unknown): string[] {
  try {
    run();
    return [];
  } catch (error) {
    const found = error as InvalidInputError;
    expect(found.message).not.toContain("secret-part");
    return found.problems.map(({ code, path }) => `${code} ${path}`);
  }
}

describe("[PLAT-06] Where alerts go", () => {
  it("is nowhere, until somebody says so", () => {
    const channels = read({});
    expect(alertReach(channels)).toEqual({ critical: [], warning: [], watchdog: false });
    expect(alertSecret(channels)).toBeUndefined();
  });

  it("is every channel that the stack gives", () => {
    const given = {
      "alerts:slackUrl": URL,
      "alerts:webhookUrl": URL,
      "alerts:watchdogUrl": URL,
      "alerts:smtpPassword": "x",
    };
    const channels = read(given, { email: EMAIL, webhook: "critical" });
    expect(channels.email).toEqual({ ...EMAIL, from: "alerts@platform.example.com" });
    expect(alertReach(channels)).toEqual({
      critical: ["e-mail", "Slack", "webhook"],
      warning: ["e-mail", "Slack"],
      watchdog: true,
    });
    expect(Object.keys(alertSecret(channels)!.data).sort()).toEqual([
      "slack-url",
      "smtp-password",
      "watchdog-url",
      "webhook-url",
    ]);
  });

  it("is refused where a secret stands in clear, is no address, or is missing; all at once, and never shown", () => {
    const config = { "alerts:slackUrl": URL, "alerts:webhookUrl": "hooks.example.com/secret-part" };
    expect(problems(() => read(config, { email: EMAIL }, ["alerts:webhookUrl"]))).toEqual([
      "ALERT_SECRET alerts:slackUrl",
      "ALERT_SECRET alerts:webhookUrl",
      "SETTING_MISSING alerts:smtpPassword",
    ]);
  });

  it("is known offline too, from what is encrypted in the stack's file", () => {
    const channels = read({ "alerts:slackUrl": '{"secure":"AAAB"}' }, {}, []);
    expect(alertReach(channels).critical).toEqual(["Slack"]);
  });

  it.each([
    [{ email: { to: ["oncall"] } }, "SETTING_MAILBOX aws.observability.alerts.email.to.0"],
    [{ email: { to: EMAIL.to } }, "SETTING_MISSING aws.observability.alerts.email.smarthost"],
    [{ email: { smarthost: "mail.example.com" } }, "SETTING_SMARTHOST aws.observability.alerts.email.smarthost"],
    [{ documents: "http://example.com" }, "SETTING_PAGE aws.observability.alerts.documents"],
    [{ webhook: "none" }, "SETTING_CHOICE aws.observability.alerts.webhook"],
    [{ slackUrl: URL }, "SETTING_UNKNOWN aws.observability.alerts.slackUrl"],
  ])("refuses %j", (alerts, problem) => {
    expect(problems(() => read({}, alerts))).toContain(problem);
  });
});

describe("[PLAT-06] Alertmanager's configuration", () => {
  const secrets = {
    "slack-url": pulumi.secret(URL),
    "webhook-url": pulumi.secret(URL),
    "smtp-password": pulumi.secret("x"),
  };

  it("has no address and no password: Alertmanager reads them from a Secret that it mounts", async () => {
    const alerts: AlertChannels = { webhook: "all", email: { ...EMAIL, from: "a@example.com" }, secrets };
    const plan = await plannedAddons({ alerts });
    const { config, alertmanagerSpec } = valuesOf(plan).alertmanager;
    expect(alertmanagerSpec.secrets).toEqual(["alert-channels"]);
    const folder = "/etc/alertmanager/secrets/alert-channels";
    expect(config.receivers.find(({ name }: any) => name === "critical")).toMatchObject({
      slack_configs: [{ api_url_file: `${folder}/slack-url` }],
      webhook_configs: [{ url_file: `${folder}/webhook-url` }],
      email_configs: [{ auth_password_file: `${folder}/smtp-password`, require_tls: true }],
    });
    expect(JSON.stringify(config)).not.toContain("hooks.example.com");
    const secret = plan.get("observability-credentials-alert-channels");
    expect(secret.secretPaths).toContain("stringData");
    expect(JSON.stringify(plan.resources)).not.toContain("secret-part");
    expect(plan.before("kube-prometheus-release")).toContain(secret.name);
  });

  it("mounts nothing where nothing is given", async () => {
    const plan = await plannedAddons();
    expect(valuesOf(plan).alertmanager.alertmanagerSpec.secrets).toEqual([]);
    expect(plan.resources.some(({ name }) => name.endsWith("alert-channels"))).toBe(false);
  });

  it("says on each alert which stack it comes from", async () => {
    const plan = await plannedAddons();
    const { externalLabels } = valuesOf(plan).prometheus.prometheusSpec;
    expect(externalLabels).toMatchObject({ cluster: "loomworks-staging" });
  });

  it("keeps no alert to itself for one that there isn't", () => {
    const known = new Set(alertsOfDist());
    expect(known.size).toBeGreaterThan(20);
    const named = Object.entries(CONSEQUENCES).flat(2);
    expect(named.filter((name) => !known.has(name))).toEqual([]);
  });

  it("has a receiver for each that a route names", () => {
    const { route, receivers } = alertmanagerConfig({ webhook: "all", secrets });
    const routed = [route.receiver, ...route.routes.map(({ receiver }) => receiver)];
    expect(receivers.map(({ name }) => name)).toEqual(expect.arrayContaining(routed));
  });
});

const valuesOf = (plan: Planned) => plan.get("kube-prometheus-release").inputs.values as any;

function alertsOfDist(): string[] {
  const folder = join(__dirname, "../../../dist/production");
  const files = readdirSync(folder).filter((file) => file.endsWith(".alerts.k8s.yaml"));
  const texts = files.map((file) => readFileSync(join(folder, file), "utf8"));
  return texts.flatMap((text) => [...text.matchAll(/- alert: (\w+)/g)].map(([, name]) => name!));
}
