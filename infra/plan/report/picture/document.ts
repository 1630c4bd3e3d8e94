/** docs/images/platform.svg, from production's plan: `npm run docs` writes it, and a test finds it out of date. */
import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { runCommand } from "../../../../constructs/shared/cli";
import type { Plan } from "../../model";
import { planStack } from "../../plan";
import { COLOURS, PICTURE_STYLE } from "../html/style";
import { Markup } from "../html/markup";
import { platformOf } from "./platform";
import { drawPicture } from "./svg";

const TEXT =
  "From left to right: the internet, the public subnets with the load balancer, the private ones with add-ons, nodes and pods, the " +
  "intra subnets with control plane and data, and AWS' services.";

/** Styles that the page has for everything, and a picture by itself needs too. */
const ALONE = `svg { background: var(--card); font-family: system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", Arial, sans-serif; }
.ports { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; }`;

/** A file that opens by itself, in the colours that its reader likes. */
export function platformDocument(plan: Plan): string {
  const { text } = drawPicture(
    platformOf(plan),
    "platform",
    `The platform of ${plan.project}, as ${plan.stack} has it`,
    TEXT,
  );
  const style = new Markup(`<style>${COLOURS}\n${PICTURE_STYLE}\n${ALONE}</style>`);
  return `${text.replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"').replace(">", `>${style.text}`)}\n`;
}

async function main(): Promise<number> {
  const file = resolve(__dirname, "../../../../docs/images/platform.svg");
  writeFileSync(file, platformDocument(await planStack("production")));
  return 0;
}

if (require.main === module) runCommand(main);
