/** The head of the page: what it is, what most readers come for, and where the stacks differ. */
import type { ObjectDifference } from "../facts/differences";
import type { GlanceRow } from "../facts/glance";
import { OFFLINE, standInSentences } from "../../offline";
import { objectsOf, Report, StackReport } from "../model";
import { Content, html, Markup } from "./markup";
import { counted } from "../words";
import { breakable, table, valueCell } from "./parts";
import { planDifferencesPart } from "./plan-differences";

export function header({ stacks }: Report): Markup {
  const [project = "The platform"] = stacks.map(({ plan }) => plan.project);
  return html`<header>
    <p class="eyebrow">${project}</p>
    <h1>What the stacks will run</h1>
    <p class="lead">
      Made by <code>npm start</code> from the manifests in <code>dist/</code>, which are what gets applied, and from the
      Pulumi program's offline plan. <strong>${OFFLINE}</strong> So nothing here says what runs now.
    </p>
    ${stacks.flatMap(({ plan }) => standInSentences(plan)).map((sentence) => html`<p>${sentence}</p>`)}
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
  const heads = ["Fact", ...stacks.map(({ stack }) => stack)];
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

export function differences(report: Report): Markup {
  const { stacks, differences: found } = report;
  const names = stacks.map(({ stack }) => stack);
  const fields = found.reduce((sum, { fields: own }) => sum + Math.max(1, own.length), 0);
  return html`<section id="differences" aria-labelledby="differences-title">
    <h2 id="differences-title">Where the stacks differ</h2>
    ${planDifferencesPart(report)}
    <h3>Objects of dist</h3>
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
