/** What the project has to do, and what of it the last runs of the tests have proven. */
import { isRed, Judged } from "../../requirements/judge";
import type { Report } from "../model";
import { html, Markup } from "./markup";
import { table } from "./parts";

export function requirements({ requirements: rows }: Report): Markup {
  const systems = [...new Set(rows.map(({ system }) => system))];
  const red = rows.filter(isRed).length;
  return html`<section id="requirements" aria-labelledby="requirements-title">
    <h2 id="requirements-title">Requirements</h2>
    <p>
      ${rows.length - red} of ${rows.length} are proven by the last runs of the tests on this machine, each at the level
      that it is held to. <code>npm run requirements</code> says what is missing of the others.
    </p>
    ${systems.map((system) =>
      table(
        system,
        ["Id", "Requirement", "Held to", "Reached", "Tests"],
        rows.filter((row) => row.system === system).map(cells),
      ),
    )}
  </section>`;
}

function cells(row: Judged) {
  const { id, text, heldTo, reached, passed, failed, skipped } = row;
  const counts = [
    `${passed} passed`,
    failed.length > 0 && `${failed.length} failed`,
    skipped > 0 && `${skipped} skipped`,
  ];
  return [
    id,
    text.replaceAll("`", ""),
    heldTo.join(", "),
    isRed(row) ? html`<strong class="warning">${reached.join(", ") || "nothing"}</strong>` : reached.join(", "),
    passed + failed.length + skipped === 0 ? "none has run" : counts.filter((count) => count !== false).join(", "),
  ];
}
