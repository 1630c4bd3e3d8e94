/** The whole page: one file that needs nothing else, opens from a disk, and prints. */
import { createHash } from "node:crypto";
import type { Report, StackReport } from "../model";
import { iamSection } from "./iam";
import { costSection } from "./cost";
import { html, Markup } from "./markup";
import { manifests } from "./manifests";
import { networkSection } from "./network";
import { differences, glance, header } from "./overview";
import { planSection } from "./plan";
import { platformSection } from "./platform";
import { requirements } from "./requirements";
import { SCRIPT } from "./script";
import { stackFacts } from "./stack";
import { STYLE } from "./style";

/** The same report gives the same page, to the byte. */
export function renderReport(report: Report): string {
  const [project = "platform"] = report.stacks.map(({ plan }) => plan.project);
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${contentPolicy()}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${project}: what the stacks will run</title>
        ${verbatim("style", STYLE)}
      </head>
      <body>
        <a class="skip" href="#content">Skip to the content</a>
        ${navigation(report)}
        <main id="content">
          ${header(report)} ${glance(report)} ${differences(report)} ${requirements(report)}
          ${report.stacks.map(stackSection)}
        </main>
        ${verbatim("script", SCRIPT)}
      </body>
    </html>`;
  return `${page.text}\n`;
}

/** Text whose hash the policy names: not a space may be added. */
function verbatim(element: "style" | "script", text: string): Markup {
  return new Markup(`<${element}>${text}</${element}>`);
}

/** Even if escaping failed somewhere, no browser would run or load what this page doesn't name by its hash. */
function contentPolicy(): string {
  const hash = (text: string) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
  return `default-src 'none'; style-src ${hash(STYLE)}; script-src ${hash(SCRIPT)}; base-uri 'none'; form-action 'none'`;
}

const PARTS = [
  ["platform", "The platform", platformSection],
  ["facts", "Facts", stackFacts],
  ["network", "What talks to what", networkSection],
  ["iam", "Who may do what at AWS", iamSection],
  ["cost", "What it costs", costSection],
  ["charts", "Manifests by chart", manifests],
  ["plan", "Plan", planSection],
] as const satisfies readonly (readonly [string, string, (stack: StackReport) => Markup])[];

function navigation({ stacks }: Report): Markup {
  return html`<nav aria-label="Sections">
    <ul>
      <li><a href="#glance">At a glance</a></li>
      <li><a href="#differences">Where the stacks differ</a></li>
      <li><a href="#requirements">Requirements</a></li>
      ${stacks.map(
        ({ stack }) =>
          html`<li>
            <a href="#${stack}">${stack}</a>
            <ul>
              ${PARTS.map(([id, title]) => html`<li><a href="#${stack}-${id}">${title}</a></li>`)}
            </ul>
          </li>`,
      )}
    </ul>
  </nav>`;
}

function stackSection(report: StackReport): Markup {
  const { stack } = report;
  return html`<section id="${stack}" aria-labelledby="${stack}-title">
    <h2 id="${stack}-title">Stack ${stack}</h2>
    ${PARTS.map(
      ([id, title, render]) =>
        html`<section id="${stack}-${id}" aria-labelledby="${stack}-title ${stack}-${id}-title">
          <h3 id="${stack}-${id}-title">${title}</h3>
          ${render(report)}
        </section>`,
    )}
  </section>`;
}
