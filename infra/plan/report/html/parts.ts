/** Pieces that every section is made of. */
import { Content, html, idOf, Markup } from "./markup";

/** A table that scrolls by itself, with the first cell of each row as its heading. */
export function table(caption: string, heads: readonly string[], rows: readonly (readonly Content[])[]): Markup {
  if (rows.length === 0) return html`<p class="none">${caption}: none.</p>`;
  return html`<div class="scroll" tabindex="0" role="group" aria-label="${caption}">
    <table>
      <caption>
        ${caption}
      </caption>
      <thead>
        <tr>
          ${heads.map((head) => html`<th scope="col">${head}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(row)}
      </tbody>
    </table>
  </div> `;
}

function row([head, ...cells]: readonly Content[]): Markup {
  return html`<tr>
    <th scope="row">${head}</th>
    ${cells.map((cell) => html`<td>${cell}</td>`)}
  </tr> `;
}

/** Address on the page of an object's manifest. */
export function manifestId(stack: string, kind: string, namespace: string, name: string): string {
  return idOf(stack, "manifest", kind, namespace, name);
}

export function manifestLink(stack: string, kind: string, { namespace, name }: { namespace: string; name: string }) {
  return html`<a href="#${manifestId(stack, kind, namespace, name)}">${name}</a>`;
}

export function list(items: readonly Content[]): Content {
  return items.length === 0
    ? "–"
    : html`<ul class="plain">
        ${items.map((item) => html`<li>${item}</li>`)}
      </ul>`;
}

/** A value longer than this is a file in a ConfigMap, not a setting. */
const MAX_VALUE = 160;

/** A path breaks after a dot rather than within a name. */
export function breakable(path: string): Content {
  return path.split(/(?<=\.)/).map((part) => html`${part}<wbr />`);
}

export function valueCell(value: string | undefined): Content {
  if (value === undefined) return "–";
  const long = value.length > MAX_VALUE || value.includes("\n");
  return long
    ? html`<details>
        <summary>text</summary>
        <pre>${value}</pre>
      </details>`
    : html`<code>${value}</code>`;
}
