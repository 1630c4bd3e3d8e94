/** What the Pulumi program registers, as a tree that can be searched, with counts. */
import { alertSentences } from "../../alerts";
import { bufferSentences } from "../../buffer";
import type { PlannedResource } from "../../model";
import { boundsOf, OFFLINE } from "../../offline";
import { below, Branch, countsBy, forestOf, wholeOf } from "../../tree";
import type { StackReport } from "../model";
import { counted } from "../words";
import { html, Markup } from "./markup";
import { table } from "./parts";

export function planSection({ stack, plan }: StackReport): Markup {
  const forest = forestOf(plan);
  const resources = wholeOf(forest);
  const tree = `${stack}-tree`;
  return html`<p>
      ${counted(resources.length, "resource")}. <strong>${OFFLINE}</strong> Secrets are marked, never shown.
    </p>
    ${boundsOf(plan).map((sentence) => html`<p>${sentence}</p>`)}
    ${[...bufferSentences(plan), ...alertSentences(plan)].map((sentence) => html`<p>${sentence}</p>`)}
    <div class="tools" role="search" aria-label="Plan of ${stack}">
      <label for="${tree}-search">Find in the plan of ${stack}</label>
      <input id="${tree}-search" type="search" data-search="${tree}" autocomplete="off" spellcheck="false" />
      <output for="${tree}-search"></output>
      <button type="button" data-open="${tree}">Open all</button>
      <button type="button" data-close="${tree}">Close all</button>
    </div>
    <ul class="tree" id="${tree}">
      ${forest.map(branchItem)}
    </ul>
    ${table(
      "Planned resources by type",
      ["Type", "Count"],
      countsBy(resources, ({ type }) => type).map(([type, count]) => [html`<code>${type}</code>`, count]),
    )}`;
}

function branchItem(branch: Branch): Markup {
  const { resource, children } = branch;
  if (children.length === 0) return html`<li>${label(resource)}</li>`;
  return html`<li>
    <details>
      <summary>${label(resource)} <small>${below(branch).length} below</small></summary>
      <ul>
        ${children.map(branchItem)}
      </ul>
    </details>
  </li>`;
}

function label({ name, type, protect, secretPaths }: PlannedResource): Markup {
  return html`<span class="name">${name}</span> <code>${type}</code>${
      protect ? html` <span class="tag">protected</span>` : undefined
    }${secretPaths.map((path) => html` <span class="tag secret">${path} [secret]</span>`)}`;
}
