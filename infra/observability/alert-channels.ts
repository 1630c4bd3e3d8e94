/** Where alerts go: what the settings say of it, and what is secret and stands in the stack's configuration. */
import * as pulumi from "@pulumi/pulumi";
import type { SecretContract } from "../../constructs/contract";
import { OBSERVABILITY_SECRETS } from "../../constructs/contract";
import type { AwsTarget } from "../../constructs/settings";
import { assertNoProblems, Problem } from "../../constructs/shared/problems";

/** Namespace of the keys in the stack's configuration that are secrets, and so no settings. */
const CONFIGURATION = "alerts";

/** By key of the Secret, that of the configuration. */
const KEYS = {
  "slack-url": "slackUrl",
  "webhook-url": "webhookUrl",
  "watchdog-url": "watchdogUrl",
  "smtp-password": "smtpPassword",
} as const satisfies Record<keyof (typeof OBSERVABILITY_SECRETS)["alerts"]["data"], string>;

type SecretKey = keyof typeof KEYS;

export interface AlertChannels {
  readonly email?: {
    readonly to: readonly string[];
    readonly from: string;
    /** Host and port. */
    readonly smarthost: string;
    readonly username?: string;
  };
  /** Which alerts the webhook gets. */
  readonly webhook: "all" | "critical";
  /** Address that links to the runbook begin with. @default links are paths within the repository */
  readonly documents?: string;
  /** Those that the configuration gives. Who is in here has a channel. */
  readonly secrets: Readonly<Partial<Record<SecretKey, pulumi.Output<string>>>>;
}

/** Who hears of what, without any address. */
export interface AlertReach {
  readonly critical: readonly string[];
  readonly warning: readonly string[];
  /** Whether somebody outside notices when Alertmanager itself is silent. */
  readonly watchdog: boolean;
}

/** @throws {InvalidInputError} naming every secret that is missing, in clear, or no address */
export function readAlertChannels({ observability, domain }: AwsTarget): AlertChannels {
  const { email, webhook, documents } = observability.alerts;
  const { to, smarthost, username } = email;
  const config = new pulumi.Config(CONFIGURATION);
  const keys = (Object.keys(KEYS) as SecretKey[]).filter((key) => config.get(KEYS[key]) !== undefined);
  assertNoProblems([
    ...keys.flatMap((key) => secretProblems(key, config.require(KEYS[key]))),
    ...(to.length > 0 && username !== undefined && !keys.includes("smtp-password") ? [passwordMissing()] : []),
  ]);
  const secrets = keys.map((key) => [key, config.requireSecret(KEYS[key])] as const);
  const from = email.from ?? `alerts@${domain}`;
  return {
    ...(to.length > 0 && { email: { to, from, smarthost: smarthost ?? "", ...(username && { username }) } }),
    webhook,
    ...(documents && { documents }),
    secrets: Object.fromEntries(secrets),
  };
}

export function alertReach({ email, webhook, secrets }: AlertChannels): AlertReach {
  const all = [
    ...(email ? ["e-mail"] : []),
    ...(secrets["slack-url"] ? ["Slack"] : []),
    ...(secrets["webhook-url"] && webhook === "all" ? ["webhook"] : []),
  ];
  const pager = secrets["webhook-url"] && webhook === "critical" ? ["webhook"] : [];
  return { critical: [...all, ...pager], warning: all, watchdog: secrets["watchdog-url"] !== undefined };
}

/** The Secret that Alertmanager reads, with the keys that are given; none where none is. */
export function alertSecret({ secrets }: AlertChannels): SecretContract | undefined {
  const { alerts } = OBSERVABILITY_SECRETS;
  const data = Object.entries(alerts.data).filter(([key]) => key in secrets);
  return data.length === 0 ? undefined : { ...alerts, data: Object.fromEntries(data) };
}

/** As the stack's file has it: what `npm run plan` can't decrypt is there, and taken to be right. */
const SEALED = '{"secure":';

/** Where Pulumi tells a program which keys of its configuration came encrypted. */
const SECRET_KEYS = "PULUMI_CONFIG_SECRET_KEYS";

function secretProblems(key: SecretKey, value: string): Problem[] {
  const path = `${CONFIGURATION}:${KEYS[key]}`;
  const base = { code: "ALERT_SECRET", path, value: "[not shown]" };
  const remedy = `Run pulumi config set --secret ${path}`;
  if (value.startsWith(SEALED)) return [];
  const encrypted = JSON.parse(process.env[SECRET_KEYS] ?? "[]") as readonly string[];
  if (!encrypted.includes(path)) return [{ ...base, reason: "it stands in the stack's file in clear", remedy }];
  if (key === "smtp-password" || /^https:\/\/[^\s@]+$/.test(value)) return [];
  return [{ ...base, reason: "it is no address that begins with https://", remedy }];
}

function passwordMissing(): Problem {
  const path = `${CONFIGURATION}:${KEYS["smtp-password"]}`;
  const reason = "aws.observability.alerts.email.username logs in to the mail server";
  return { code: "SETTING_MISSING", path, value: null, reason, remedy: `Run pulumi config set --secret ${path}` };
}
