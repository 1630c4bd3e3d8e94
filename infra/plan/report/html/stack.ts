/** One stack's facts, as tables. */
import type { AlertFacts } from "../facts/edges";
import { countText, percent } from "../facts/glance";
import type { Statement } from "../facts/guards";
import { quantityText } from "../facts/quantities";
import { LOADS, QuotaFacts, QuotaRow, shareOf } from "../facts/quotas";
import { amountsText } from "../facts/resources";
import type { ContainerFacts, WorkloadFacts } from "../facts/workloads";
import type { StackReport } from "../model";
import { Content, html, Markup } from "./markup";
import { list, manifestLink, table } from "./parts";

const LOAD_HEADS = { fewest: "fewest pods", most: "most pods, every job", rollout: "the same, in a rollout" } as const;

export function stackFacts({ stack, facts }: StackReport): Markup {
  const linked = (kind: string, object: Statement): Content => manifestLink(stack, kind, object);
  return html`
    ${table(
      "Workloads",
      ["Workload", "Kind", "Pods", "Containers of each", "Volumes"],
      facts.workloads.map((workload) => workloadRow(stack, workload)),
    )}
    ${table(
      "Schedules (CronJob)",
      ["CronJob", "Runs", "Cron line", "Overlap"],
      facts.schedules.map((job) => [
        linked("CronJob", job),
        html`<strong>${job.text}</strong>`,
        html`<code>${job.line}</code>`,
        job.concurrency,
      ]),
    )}
    ${table(
      "Disruption budgets (PDB)",
      ["Budget", "Rule"],
      facts.budgets.map((budget) => [linked("PodDisruptionBudget", budget), budget.text]),
    )}
    ${table(
      "Autoscalers",
      ["Autoscaler", "Rule"],
      facts.autoscalers.map((scaler) => [linked(scaler.kind ?? "HorizontalPodAutoscaler", scaler), scaler.text]),
    )}
    ${table(
      "Storage",
      ["Claim", "Size", "Access", "Storage class"],
      facts.claims.map(({ name, size, access, storageClass }) => [name, size, access, storageClass]),
    )}
    ${facts.quotas.map(quotaTable)}
    ${table(
      "Hosts (Ingress)",
      ["Host", "Path", "Service", "TLS"],
      facts.routes.map(({ host, path, service, tls }) => [
        host,
        html`<code>${path}</code>`,
        service,
        tls ? "yes" : "no",
      ]),
    )}
    ${table("Alerts", ["Alert", "Severity", "Fires after", "Says", "Expression"], facts.alerts.map(alertRow))}
  `;
}

function workloadRow(stack: string, workload: WorkloadFacts): Content[] {
  const { kind, pods, containers, volumes } = workload;
  return [
    manifestLink(stack, kind, workload),
    kind,
    countText(kind, pods),
    list(containers.map(containerText)),
    list(
      volumes.map(({ name, source, mountPaths }) => [
        html`<strong>${name}</strong>: ${source}`,
        mountPaths.length === 0 ? undefined : html` at <code>${mountPaths.join(", ")}</code>`,
      ]),
    ),
  ];
}

function containerText({ name, image, resources: { requests, limits } }: ContainerFacts): Content {
  return html`<strong>${name}</strong>: ${amountsText(requests)}; limits ${amountsText(limits)}<br /><code
      >${image}</code
    >`;
}

function quotaTable({ name, rows }: QuotaFacts): Markup {
  return table(
    `Quota ${name}: what the stack's own pods and claims take of it`,
    ["Resource", "Limit", ...LOADS.map((load) => LOAD_HEADS[load])],
    rows.map((row) => [
      row.resource,
      quantityText(row.resource, row.hard),
      ...LOADS.map((load) => shareCell(row, load)),
    ]),
  );
}

/** A bar is for the eye; the number beside it says the same. */
function shareCell(row: QuotaRow, load: (typeof LOADS)[number]): Content {
  const share = shareOf(row, load);
  if (row.used === undefined || share === undefined) return "not determined by the manifests";
  const state = share > 1 ? "over" : share > 0.9 ? "tight" : "fits";
  return html`<svg class="bar ${state}" width="60" height="8" aria-hidden="true">
      <rect class="all" width="60" height="8" rx="2" />
      <rect class="used" width="${Math.round(Math.min(1, share) * 60)}" height="8" rx="2" />
    </svg>
    ${percent(share)} <small>${quantityText(row.resource, row.used[load])}</small>${
      share > 1 ? html` <strong class="warning">over the quota</strong>` : undefined
    }`;
}

function alertRow({ name, severity, lasting, summary, expression }: AlertFacts): Content[] {
  return [
    name,
    html`<span class="severity ${severity === "critical" ? "critical" : "other"}">${severity}</span>`,
    lasting,
    summary,
    html`<code>${expression}</code>`,
  ];
}
