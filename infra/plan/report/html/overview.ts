/** The head of the page: what it is, what most readers come for, and where the stacks differ. */
import type { ObjectDifference } from "../facts/differences";
import type { GlanceRow } from "../facts/glance";
import { objectsOf, Report, StackReport } from "../model";
import { Content, html, Markup } from "./markup";
import { counted } from "../words";
import { table } from "./parts";

/** A value longer than this is a file in a ConfigMap, not a setting. */
const MAX_VALUE = 160;

export function header({ stacks }: Report): Markup {
  const [project = "The platform"] = stacks.map(({ plan }) => plan.project);
  return html`<header>
    <p class="eyebrow">${project}</p>
    <h1>What the stacks will run</h1>
    <p class="lead">
      Made by <code>npm start</code> from the manifests in <code>dist/</code>, which are what gets applied, and from the
      Pulumi program's offline plan. <strong>No provider and no cluster was asked</strong>, so nothing here says what
      runs now.
    </p>
    <ul class="stacks">
      ${stacks.map(stackItem)}
    </ul>
  </header>`;
}

function stackItem(input: StackReport): Markup {
  const { stack, files, plan } = input;
  const sizes = [
    `${counted(objectsOf(input).length, "object")} in ${counted(files.length, "chart")}`,
    counted(Math.max(0, plan.resources.length - 1), "planned resource"),
  ];
  return html`<li><a href="#${stack}">${stack}</a> ${sizes.join(", ")}</li>`;
}

export function glance({ stacks, glance: rows }: Report): Markup {
  const heads = ["", ...stacks.map(({ stack }) => stack)];
  const topics = [...new Set(rows.map(({ topic }) => topic))];
  return html`<section id="glance" aria-labelledby="glance-title">
    <h2 id="glance-title">At a glance</h2>
    <p>Marked rows differ between the stacks. Sizes are what each container requests, and its limits.</p>
    <div class="scroll" tabindex="0" role="group" aria-label="Key facts of each stack">
      <table class="glance">
        <thead>
          <tr>
            ${heads.map((head) => html`<th scope="col">${head}</th>`)}
          </tr>
        </thead>
        ${topics.map((topic) => glanceTopic(topic, rows, stacks.length))}
      </table>
    </div>
  </section>`;
}

function glanceTopic(topic: string, rows: readonly GlanceRow[], count: number): Markup {
  return html`<tbody>
    <tr class="topic">
      <th scope="rowgroup" colspan="${count + 1}">${topic}</th>
    </tr>
    ${rows
      .filter((each) => each.topic === topic)
      .map(
        ({ subject, values, differs }) =>
          html`<tr class="${differs ? "differs" : "same"}">
            <th scope="row">${subject}${differs ? html` <span class="tag">differs</span>` : undefined}</th>
            ${
              differs
                ? values.map((value) => html`<td>${value ?? "–"}</td>`)
                : html`<td colspan="${count}">${values[0]}</td>`
            }
          </tr> `,
      )}
  </tbody>`;
}

export function differences({ stacks, differences: found }: Report): Markup {
  const names = stacks.map(({ stack }) => stack);
  const fields = found.reduce((sum, { fields: own }) => sum + Math.max(1, own.length), 0);
  return html`<section id="differences" aria-labelledby="differences-title">
    <h2 id="differences-title">Where the stacks differ</h2>
    <p>
      ${found.length === 0 ? "Nowhere." : `${counted(found.length, "object")}, ${counted(fields, "field")}. Every other field is the same.`}
    </p>
    ${
      found.length === 0
        ? undefined
        : table(
            "Differences, object by object",
            ["Object", "Field", ...names],
            found.flatMap((difference) => differenceRows(difference)),
          )
    }
  </section>`;
}

function differenceRows({ object, present, fields }: ObjectDifference): Content[][] {
  if (fields.length === 0) return [[object, "the whole object", ...present.map((has) => (has ? "there" : "absent"))]];
  return fields.map(({ path, values }, at) => [
    at === 0 ? object : html`<span class="again">${object}</span>`,
    html`<code>${breakable(path)}</code>`,
    ...values.map(valueCell),
  ]);
}

/** A path breaks after a dot rather than within a name. */
function breakable(path: string): Content {
  return path.split(/(?<=\.)/).map((part) => html`${part}<wbr />`);
}

function valueCell(value: string | undefined): Content {
  if (value === undefined) return "–";
  const long = value.length > MAX_VALUE || value.includes("\n");
  return long
    ? html`<details>
        <summary>text</summary>
        <pre>${value}</pre>
      </details>`
    : html`<code>${value}</code>`;
}
