/** Every object of dist, by chart. */
import { stringify } from "yaml";
import { KubernetesObject, namespaceOf } from "../kubernetes";
import type { ManifestFile } from "../manifests";
import type { StackReport } from "../model";
import { counted } from "../words";
import { html, Markup } from "./markup";
import { manifestId } from "./parts";

export function manifests({ stack, files }: StackReport): Markup {
  return html`<p>
      Each file of <code>dist/${stack}/</code> is one chart.
      <button type="button" data-open="${stack}-manifests">Open all</button>
      <button type="button" data-close="${stack}-manifests">Close all</button>
    </p>
    <div id="${stack}-manifests">${files.map((file) => chart(stack, file))}</div>`;
}

function chart(stack: string, { name, objects }: ManifestFile): Markup {
  return html`<details class="chart" open>
    <summary><strong>${name}</strong> ${counted(objects.length, "object")}</summary>
    ${objects.map((object) => manifest(stack, object))}
  </details>`;
}

function manifest(stack: string, object: KubernetesObject): Markup {
  const { kind, metadata } = object;
  return html`<details class="object" id="${manifestId(stack, kind, namespaceOf(object), metadata.name)}">
    <summary><span class="kind">${kind}</span> ${metadata.name}</summary>
    <pre tabindex="0">${stringify(object, { lineWidth: 0 })}</pre>
  </details>`;
}
