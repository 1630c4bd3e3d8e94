/** What Alertmanager does with an alert: whom it tells, how soon, how often, and what it keeps to itself. */
import { OBSERVABILITY_SECRETS } from "../../constructs/contract";
import type { AlertChannels } from "./alert-channels";

/** Where the operator mounts things in its pod. */
const FOLDER = "/etc/alertmanager";

/** Name of the file with {@link alertTemplates}. */
export const TEMPLATES = "loomworks.tmpl";

const NOBODY = "nobody";

/** Somebody is called: soon, and again each hour until it is over. */
const CRITICAL = { group_wait: "10s", group_interval: "2m", repeat_interval: "1h" };

/** Waits for the next working day: once, and again if it is still there half a day later. */
const WARNING = { group_wait: "1m", group_interval: "10m", repeat_interval: "12h" };

/** The chart's alert that always fires. Whoever hears of it each five minutes notices when it stops. */
const WATCHDOG = { group_wait: "0s", group_interval: "1m", repeat_interval: "5m" };

/** What follows from an alert, in the same namespace: whoever is called for the cause needn't hear of these. */
export const CONSEQUENCES: Readonly<Record<string, readonly string[]>> = {
  PostgresDown: ["OdooUnavailable", "OdooDatabaseUnreachable", "PostgresArchiveFailing"],
  CloneApiUnavailable: ["CloneApiErrors", "CloneApiSlow"],
  CloneWorkersUnavailable: ["CloneQueueStuck", "CloneQueueLong"],
  CloneRedisDown: ["CloneQueueStuck", "CloneScalerFailing", "CloneScalerBlind"],
};

/** @param folder where secrets and templates are; tests have their own @default as the operator mounts them */
export function alertmanagerConfig(channels: AlertChannels, folder = FOLDER) {
  const secrets = `${folder}/secrets/${OBSERVABILITY_SECRETS.alerts.name}`;
  return {
    global: { resolve_timeout: "5m" },
    templates: [`${folder}/config/*.tmpl`],
    route: route(channels),
    inhibit_rules: inhibitions(),
    receivers: [
      { name: NOBODY },
      { name: "critical", ...receivers(channels, secrets, true) },
      { name: "warning", ...receivers(channels, secrets, channels.webhook === "all") },
      {
        name: "watchdog",
        webhook_configs: when(channels.secrets["watchdog-url"], {
          url_file: `${secrets}/watchdog-url`,
          send_resolved: false,
        }),
      },
    ],
  };
}

function route({ secrets }: AlertChannels) {
  const watchdog = secrets["watchdog-url"] === undefined ? NOBODY : "watchdog";
  return {
    // Whatever carries no severity, or one that nobody thought of.
    receiver: "warning",
    group_by: ["cluster", "namespace", "alertname"],
    ...WARNING,
    routes: [
      { matchers: ['alertname = "Watchdog"'], receiver: watchdog, ...WATCHDOG },
      { matchers: ['severity =~ "info|none"'], receiver: NOBODY },
      { matchers: ['severity = "critical"'], receiver: "critical", ...CRITICAL },
    ],
  };
}

function inhibitions() {
  const consequences = Object.entries(CONSEQUENCES).map(([cause, alerts]) => ({
    source_matchers: [`alertname = "${cause}"`],
    target_matchers: [`alertname =~ "${alerts.join("|")}"`],
    equal: ["cluster", "namespace"],
  }));
  const milder = {
    source_matchers: ['severity = "critical"'],
    target_matchers: ['severity = "warning"'],
    equal: ["cluster", "namespace", "alertname"],
  };
  return [milder, ...consequences];
}

function receivers({ email, secrets: given }: AlertChannels, secrets: string, webhook: boolean) {
  const title = '{{ template "loomworks.title" . }}';
  const text = '{{ template "loomworks.text" . }}';
  return {
    email_configs: when(email, {
      to: email?.to.join(", "),
      from: email?.from,
      smarthost: email?.smarthost,
      require_tls: true,
      ...(email?.username && { auth_username: email.username, auth_password_file: `${secrets}/smtp-password` }),
      send_resolved: true,
      headers: { Subject: title },
      html: "",
      text,
    }),
    slack_configs: when(given["slack-url"], {
      api_url_file: `${secrets}/slack-url`,
      send_resolved: true,
      title,
      title_link: "",
      text,
    }),
    webhook_configs: when(webhook ? given["webhook-url"] : undefined, {
      url_file: `${secrets}/webhook-url`,
      send_resolved: true,
    }),
  };
}

/** A list of one, or of none. */
function when(given: unknown, config: object): object[] {
  return given === undefined ? [] : [config];
}

/** The words of Slack and e-mail, in Go's templates. */
export function alertTemplates({ documents }: AlertChannels): string {
  const base = documents === undefined ? "" : `${documents}/`;
  return [
    '{{ define "loomworks.title" -}}',
    '[{{ .Status | toUpper }}{{ if eq .Status "firing" }}:{{ .Alerts.Firing | len }}{{ end }}] {{ .CommonLabels.alertname }}',
    "{{- with .CommonLabels.namespace }} in {{ . }}{{ end }}{{ with .CommonLabels.cluster }} of {{ . }}{{ end }}",
    "{{- end }}",
    '{{ define "loomworks.text" -}}',
    "{{ range .Alerts -}}",
    '{{ .Labels.severity | toUpper }}{{ if ne .Status "firing" }} (over){{ end }}: {{ or .Annotations.summary .Annotations.description .Labels.alertname }}',
    `{{ if .Annotations.runbook }}What to do: ${base}{{ .Annotations.runbook }}`,
    "{{ else if .Annotations.runbook_url }}What to do: {{ .Annotations.runbook_url }}",
    "{{ end }}{{ end }}",
    "{{- end }}",
    "",
  ].join("\n");
}
