import { html, Markup } from "../html/markup";
import { Frame, HEAD_LINE } from "./bands";
import { Box, clip, STEP } from "./boxes";
import type { Bundle, Graph } from "./graph";
import { layoutOf, Wire } from "./layout";
import type { Line } from "./wires";

/** Colours of bundles; what goes outside is grey, because it is the same for most. */
const COLOURS = 6;
const BELOW = "The table below the picture says the same, connection by connection.";
/** Beyond this it scrolls: made to fit, its letters would be too small. */
const WIDE = 1700;

/**
 * The picture, as SVG that takes its colours from the page's style.
 *
 * @param id unique on the page
 * @param text for those who don't see it
 */
export function drawPicture(graph: Graph, id: string, title: string, text = BELOW): Markup {
  const { boxes, wires, frames, left, top, width, height } = layoutOf(graph);
  const names = new Map(graph.nodes.map((node) => [node.id, node.title]));
  const sinks = new Set(graph.nodes.filter(({ role }) => role === "sink").map((node) => node.id));
  const inner = graph.bundles.filter(({ target }) => !sinks.has(target));
  const colour = (bundle: Bundle) => (sinks.has(bundle.target) ? "out" : String(inner.indexOf(bundle) % COLOURS));
  return html`<svg
    class="${width > WIDE ? "picture wide" : "picture"}"
    role="img"
    aria-labelledby="${id}-title ${id}-text"
    viewBox="${left} ${top} ${width} ${height}"
    width="${width}"
    height="${height}"
  >
    <title id="${id}-title">${title}</title>
    <desc id="${id}-text">${text}</desc>
    ${frames.map(drawFrame)} ${wires.map((wire) => drawWire(wire, colour(wire.bundle), names))} ${boxes.map(drawBox)}
  </svg>`;
}

function drawWire(
  { bundle, lines, joints, arrow: [x, y], labels }: Wire,
  colour: string,
  names: ReadonlyMap<string, string>,
) {
  const sources = bundle.sources.map((source) => names.get(source) ?? source).join(", ");
  const services = bundle.services === "" ? "" : ` (${bundle.services})`;
  const path = lines.map(pathOf).join("");
  return html`<g class="wire wire-${colour}">
    <title>${sources} → ${names.get(bundle.target)}: ${bundle.ports}${services}</title>
    <path class="halo" d="${path}" />
    <path class="line" d="${path}" />
    ${joints.map(([cx, cy]) => html`<circle cx="${cx}" cy="${cy}" r="3" />`)}
    <path class="head" d="M${x} ${y}l-9 -4.5v9z" />
    ${labels.map(
      (label, at) =>
        html`<text class="${at === 0 ? "ports" : "service"}" x="${label.x}" y="${label.y}">${label.text}</text>`,
    )}
  </g>`;
}

function drawFrame({ band, x, y, width, height }: Frame): Markup {
  return html`<g class="frame${band.outer === true ? " outer" : ""}">
    <rect x="${x}" y="${y}" width="${width}" height="${height}" rx="8" />
    <text class="name" x="${x + STEP}" y="${y + HEAD_LINE + 2}">${band.title}</text>
    ${band.lines.map((line, at) => html`<text class="zone" x="${x + STEP}" y="${y + HEAD_LINE * (at + 2) + 2}">${line}</text>`)}
  </g>`;
}

function pathOf({ from, to }: Line): string {
  return `M${from.join(" ")}L${to.join(" ")}`;
}

function drawBox({ node, x, y, width, height }: Box): Markup {
  const { title, subtitle, detail, role, remark, closed } = node;
  const middle = y + height / 2;
  const shift = remark === undefined ? STEP / 2 : 0;
  const kind = role === "pods" ? (closed ? "closed" : "open") : "outside";
  return html`<g class="box ${kind}">
    <title>${title}: ${detail}</title>
    <rect x="${x}" y="${y}" width="${width}" height="${height}" rx="${role === "pods" ? 6 : 14}" />
    <text class="name" x="${x + STEP}" y="${middle - STEP + shift}">${clip(title)}</text>
    <text class="kind" x="${x + STEP}" y="${middle + 4 + shift}">${clip(subtitle)}</text>
    ${remark === undefined ? undefined : drawLock(remark, closed, x + STEP, middle + STEP * 2)}
  </g>`;
}

function drawLock(remark: string, closed: boolean, x: number, y: number): Markup {
  const shackle = closed ? "M2 -6v-2.5a3 3 0 0 1 6 0v2.5" : "M2 -6v-2.5a3 3 0 0 1 5.6 -1.5";
  return html`<g class="guard" transform="translate(${x} ${y})">
    <path class="shackle" d="${shackle}" />
    <rect x="0" y="-6" width="10" height="7" rx="1.5" />
    <text x="16" y="0">${remark}</text>
  </g>`;
}
