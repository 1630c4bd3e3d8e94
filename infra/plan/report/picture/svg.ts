import { html, Markup } from "../html/markup";
import { Box, clip, STEP } from "./boxes";
import type { Graph, PictureNode } from "./graph";
import { layoutOf, Wire } from "./layout";
import type { Line } from "./wires";

/** Colours of bundles, by the node at which they arrive; what leaves the cluster's pods is grey. */
const COLOURS = 6;

/**
 * The picture, as SVG that takes its colours from the page's style.
 *
 * @param id unique on the page
 */
export function drawPicture(graph: Graph, id: string, title: string): Markup {
  const { boxes, wires, left, top, width, height } = layoutOf(graph);
  const targets = [...new Set(graph.bundles.map(({ target }) => target))];
  const names = new Map(graph.nodes.map((node) => [node.id, node.title]));
  const sinks = new Set(graph.nodes.filter(({ role }) => role === "sink").map((node) => node.id));
  const colour = (target: string) => (sinks.has(target) ? "out" : String(targets.indexOf(target) % COLOURS));
  return html`<svg
    class="picture"
    role="img"
    aria-labelledby="${id}-title ${id}-text"
    viewBox="${left} ${top} ${width} ${height}"
    width="${width}"
    height="${height}"
  >
    <title id="${id}-title">${title}</title>
    <desc id="${id}-text">The table below the picture says the same, connection by connection.</desc>
    ${wires.map((wire) => drawWire(wire, colour(wire.bundle.target), names))} ${boxes.map(drawBox)}
  </svg>`;
}

function drawWire(
  { bundle, lines, joints, arrow: [x, y], labels }: Wire,
  colour: string,
  names: ReadonlyMap<string, string>,
) {
  const sources = bundle.sources.map((source) => names.get(source) ?? source).join(", ");
  const services = bundle.services === "" ? "" : `, by Service ${bundle.services}`;
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

function pathOf({ from, to }: Line): string {
  return `M${from.join(" ")}L${to.join(" ")}`;
}

function drawBox({ node, x, y, width, height }: Box): Markup {
  const middle = y + height / 2;
  const guard = node.guarded === undefined ? [] : drawGuard(node.guarded, x + STEP, middle + STEP * 2);
  const shift = node.guarded === undefined ? STEP / 2 : 0;
  return html`<g class="${boxClass(node)}">
    <title>${node.title}: ${node.subtitle}</title>
    <rect x="${x}" y="${y}" width="${width}" height="${height}" rx="${node.role === "pods" ? 6 : 14}" />
    <text class="name" x="${x + STEP}" y="${middle - STEP + shift}">${clip(node.title)}</text>
    <text class="kind" x="${x + STEP}" y="${middle + 4 + shift}">${clip(node.subtitle)}</text>
    ${guard}
  </g>`;
}

function boxClass({ role, guarded }: PictureNode): string {
  if (role !== "pods") return "box outside";
  return guarded?.ingress === true && guarded.egress ? "box" : "box open";
}

/** A lock, closed where nothing passes that no rule admits. */
function drawGuard({ ingress, egress }: NonNullable<PictureNode["guarded"]>, x: number, y: number): Markup {
  const closed = ingress && egress;
  const shackle = closed ? "M2 -6v-2.5a3 3 0 0 1 6 0v2.5" : "M2 -6v-2.5a3 3 0 0 1 5.6 -1.5";
  return html`<g class="guard" transform="translate(${x} ${y})">
    <path class="shackle" d="${shackle}" />
    <rect x="0" y="-6" width="10" height="7" rx="1.5" />
    <text x="16" y="0">${guardText(ingress, egress)}</text>
  </g>`;
}

export function guardText(ingress: boolean, egress: boolean): string {
  if (ingress && egress) return "denied by default, in and out";
  if (ingress) return "in: denied by default; out: open";
  return egress ? "in: open; out: denied by default" : "open: no policy holds it";
}
