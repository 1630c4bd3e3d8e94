/** Sizes and places of the boxes, and the heights at which connections leave and enter them. */
import type { Bundle, Graph, PictureNode } from "./graph";
import type { Layers } from "./layers";

export interface Box {
  readonly node: PictureNode;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Boxes {
  readonly boxes: ReadonlyMap<string, Box>;
  /** Left edge and width of each column. */
  readonly columns: readonly { readonly x: number; readonly width: number }[];
  /** Height of a bundle where it passes a column: by column, then by bundle. */
  readonly passing: readonly ReadonlyMap<number, number>[];
  readonly height: number;
}

/** All heights are multiples of this, so that lines that must not touch are a step apart. */
export const STEP = 12;
const PADDING = STEP;
const GAP = STEP * 3;
const LINE_HEIGHT = STEP * 2;
/** Of an arriving bundle: its ports above the line, its Services below. */
export const ENTRY_HEIGHT = STEP * 3;
const NODE_HEIGHT = STEP * 6;
const MIN_WIDTH = 132;
const MAX_CHARACTERS = 30;
/** Of the widest letters in use; a line that is shorter than thought does no harm. */
const TITLE_CHARACTER = 8;
const TEXT_CHARACTER = 6.4;
const REMARK_CHARACTER = 6;
/** The lock before the remark. */
const LOCK = 16;

export function placeBoxes(graph: Graph, layers: Layers, gutterWidth: (column: number) => number): Boxes {
  const nodes = new Map(graph.nodes.map((node) => [node.id, node]));
  const heights = layers.columns.map((slots) =>
    slots.map((slot) => ("node" in slot ? heightOf(slot.node, graph.bundles) : LINE_HEIGHT)),
  );
  const total = Math.max(0, ...heights.map((column) => column.reduce((sum, height) => sum + height + GAP, -GAP)));
  const boxes = new Map<string, Box>();
  const columns: { x: number; width: number }[] = [];
  const passing = layers.columns.map((slots, column) => {
    const own = heights[column] ?? [];
    const width = Math.max(MIN_WIDTH, ...slots.map((slot) => ("node" in slot ? widthOf(nodes.get(slot.node)) : 0)));
    const before = columns.at(-1);
    const x = before === undefined ? 0 : before.x + before.width + gutterWidth(column - 1);
    columns.push({ x, width });
    let y = onStep((total - own.reduce((sum, height) => sum + height + GAP, -GAP)) / 2);
    const lines = new Map<number, number>();
    slots.forEach((slot, at) => {
      const height = own[at] ?? 0;
      if ("passing" in slot) lines.set(slot.passing, y + STEP / 2);
      const node = "node" in slot ? nodes.get(slot.node) : undefined;
      if (node !== undefined) boxes.set(node.id, { node, x, y, width, height });
      y += height + GAP;
    });
    return lines;
  });
  return { boxes, columns, passing, height: total };
}

function onStep(value: number): number {
  return Math.round(value / STEP) * STEP;
}

function heightOf(id: string, bundles: readonly Bundle[]): number {
  const entries = bundles.filter(({ target }) => target === id).length;
  const exits = bundles.filter(({ sources }) => sources.includes(id)).length;
  return Math.max(NODE_HEIGHT, PADDING * 2 + entries * ENTRY_HEIGHT, PADDING * 2 + exits * STEP * 2);
}

function widthOf(node: PictureNode | undefined): number {
  const { title = "", subtitle = "", remark = "" } = node ?? {};
  const texts = [
    clip(title).length * TITLE_CHARACTER,
    clip(subtitle).length * TEXT_CHARACTER,
    LOCK + remark.length * REMARK_CHARACTER,
  ];
  return Math.max(...texts) + PADDING * 2;
}

/** A name of any length, within the box; the whole of it is in the box's title and in the table. */
export function clip(text: string, characters = MAX_CHARACTERS): string {
  return text.length <= characters ? text : `${text.slice(0, characters - 1)}…`;
}

/** Height at which the `at`th of `count` bundles enters a box. */
export function entryHeight({ y, height }: Box, at: number, count: number): number {
  const free = height - count * ENTRY_HEIGHT;
  return y + onStep(free / 2) + at * ENTRY_HEIGHT + ENTRY_HEIGHT / 2;
}

/** The same for leaving: half a step off, so that no line lies on one that enters. */
export function exitHeight({ y, height }: Box, at: number, count: number): number {
  const free = height - count * STEP * 2;
  return y + onStep(free / 2) + at * STEP * 2 + STEP;
}
