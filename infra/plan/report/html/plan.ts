/** What the Pulumi program registers, as a tree with counts. */
import { bufferSentences } from "../../buffer";
import type { PlannedResource } from "../../model";
import type { StackReport } from "../model";
import { counted } from "../words";
import { html, Markup } from "./markup";
import { table } from "./parts";

export function planSection({ plan }: StackReport): Markup {
  const [top, ...resources] = plan.resources;
  const counts = new Map<string, number>();
  for (const { type } of resources) counts.set(type, (counts.get(type) ?? 0) + 1);
  const known = new Set(resources.map(({ urn }) => urn));
  const roots = resources.filter(({ parent }) => parent === top?.urn || !known.has(parent ?? ""));
  return html`<p>
      ${counted(resources.length, "resource")}. <strong>No provider and no cluster was asked</strong>: this is what the
      program registers for an empty state. Secrets are marked, never shown.
    </p>
    ${bufferSentences(plan).map((sentence) => html`<p>${sentence}</p>`)}
    <ul class="tree">
      ${roots.map((resource) => branch(resource, resources))}
    </ul>
    ${table(
      "Planned resources by type",
      ["Type", "Count"],
      [...counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([type, count]) => [html`<code>${type}</code>`, count]),
    )}`;
}

function branch(resource: PlannedResource, all: readonly PlannedResource[]): Markup {
  const children = all.filter(({ parent }) => parent === resource.urn);
  if (children.length === 0) return html`<li>${label(resource)}</li>`;
  return html`<li>
    <details open>
      <summary>${label(resource)} <small>${descendants(resource, all)} below</small></summary>
      <ul>
        ${children.map((child) => branch(child, all))}
      </ul>
    </details>
  </li>`;
}

function descendants({ urn }: PlannedResource, all: readonly PlannedResource[]): number {
  const children = all.filter(({ parent }) => parent === urn);
  return children.length + children.reduce((sum, child) => sum + descendants(child, all), 0);
}

function label({ name, type, protect, secretPaths }: PlannedResource): Markup {
  return html`<span class="name">${name}</span> <code>${type}</code>${
      protect ? html` <span class="tag">protected</span>` : undefined
    }${secretPaths.map((path) => html` <span class="tag secret">${path} [secret]</span>`)}`;
}
