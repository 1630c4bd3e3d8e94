/** Where the stacks' settings and planned resources differ; of dist's objects {@link differences} says it. */
import type { PlannedResource } from "../../model";
import { below, Branch, forestOf } from "../../tree";
import type { FieldDifference } from "../facts/differences";
import type { Report, StackReport } from "../model";
import { counted } from "../words";
import { Content, html, Markup } from "./markup";
import { breakable, table, valueCell } from "./parts";

export function planDifferencesPart({ stacks, settings, planDifferences: found }: Report): Markup | undefined {
  if (found === undefined) return undefined;
  const names = stacks.map(({ stack }) => stack);
  const applied = new Set(stacks.flatMap(fromDist));
  const changed = found.changed.filter(({ resource }) => !applied.has(resource.urn));
  const only = found.only.map((resources) => resources.filter(({ urn }) => !applied.has(urn)));
  const rows = changed.flatMap(({ resource, fields }) =>
    fields.map((field, at) => [
      at === 0 ? pathOf(resource) : html`<span class="again">${resource.path}</span>`,
      ...fieldCells(field),
    ]),
  );
  return html`${table("Settings that differ", ["Setting", ...names], settings.map(fieldCells))}
    ${names.map((name, at) =>
      table(
        `Resources that only ${name} has`,
        ["Resource", "Type"],
        (only[at] ?? []).map(({ path, type }) => [path, html`<code>${type}</code>`]),
      ),
    )}
    <p>
      ${counted(found.renamed, "resource")} differ by the name of their stack alone, and aren't listed; ${found.same}
      are the same.
    </p>
    ${table("Inputs of resources that both have", ["Resource", "Input", ...names], rows)}`;
}

function pathOf({ path, type }: PlannedResource): Markup {
  return html`${path}<br /><small>${type}</small>`;
}

function fieldCells({ path, values }: FieldDifference): Content[] {
  return [html`<code>${breakable(path)}</code>`, ...values.map(valueCell)];
}

/** URNs of what the waves apply. */
function fromDist({ plan }: StackReport): string[] {
  const waves = forestOf(plan).filter(({ resource }) => resource.type === "loomworks:manifests:Wave");
  return waves.flatMap((wave: Branch) => below(wave).map(({ urn }) => urn));
}
