/** Where everything of the picture goes. Pure, and the same for the same graph. */
import { Frame, framesOf, headOf } from "./bands";
import { Box, clip, placeBoxes, STEP } from "./boxes";
import type { Bundle, Graph } from "./graph";
import { orderLanes, spanOf } from "./lanes";
import { layersOf } from "./layers";
import { endsOf, jointsOf, Lane, Line, linesOf, Point, trunksIn, turnsIn } from "./wires";

/** Text that ends at `x`, and is not wider than `width`. */
export interface Label {
  readonly text: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
}

/** A bundle as drawn. */
export interface Wire {
  readonly bundle: Bundle;
  readonly lines: readonly Line[];
  readonly joints: readonly Point[];
  /** Where it arrives. */
  readonly arrow: Point;
  /** One for all sources, because it stands where they have joined. */
  readonly labels: readonly Label[];
}

export interface Layout {
  readonly boxes: readonly Box[];
  readonly wires: readonly Wire[];
  readonly frames: readonly Frame[];
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

const MARGIN = STEP * 2;
const ARROW = STEP;
/** Of the monospaced letters in which ports are written. */
const CHARACTER = 6.7;
const MAX_CHARACTERS = 26;
export const LABEL_HEIGHT = STEP;

export function layoutOf(graph: Graph): Layout {
  const layers = layersOf(graph);
  const at = (id: string) => layers.columnOf.get(id) ?? 0;
  const lanesIn = (column: number) => graph.bundles.filter((bundle) => turnsIn(bundle, column, at)).length;
  const arriving = (column: number) => graph.bundles.filter(({ target }) => at(target) === column);
  const placed = placeBoxes(
    graph,
    layers,
    (column) => MARGIN + STEP + lanesIn(column) * STEP + Math.max(0, ...arriving(column + 1).map(labelRoom)),
  );
  const ends = endsOf(graph, placed);
  const lanes = placed.columns.flatMap(({ x, width }, column) =>
    orderLanes(trunksIn(column, graph, at, placed, ends)).map((trunk, index): Lane => ({
      column,
      trunk,
      x: x + width + MARGIN + index * STEP,
    })),
  );
  const wires = graph.bundles.map((bundle, index): Wire => {
    const own = lanes.filter(({ trunk }) => trunk.bundle === index);
    const arrow: Point = [placed.boxes.get(bundle.target)?.x ?? 0, ends[index]?.entry ?? 0];
    const lines = linesOf(own, placed);
    return { bundle, lines, joints: jointsOf(own), arrow, labels: labelsOf(bundle, arrow) };
  });
  const { x, width } = placed.columns.at(-1) ?? { x: 0, width: 0 };
  const head = headOf(graph.bands ?? []);
  const top = Math.min(-head, ...lanes.map(({ trunk }) => spanOf(trunk).top)) - MARGIN;
  const right = Math.max(x + width, ...lanes.map((lane) => lane.x)) + MARGIN;
  return {
    boxes: [...placed.boxes.values()],
    wires,
    frames: framesOf(graph.bands ?? [], placed),
    left: -MARGIN,
    top,
    width: right + MARGIN,
    height: placed.height + MARGIN * (head === 0 ? 1 : 2) - top,
  };
}

function labelRoom({ ports, services }: Bundle): number {
  return Math.max(textWidth(ports), textWidth(services)) + ARROW + STEP;
}

function textWidth(text: string): number {
  return clip(text, MAX_CHARACTERS).length * CHARACTER;
}

function labelsOf({ ports, services }: Bundle, [x, y]: Point): Label[] {
  const label = (text: string, height: number): Label => ({
    text: clip(text, MAX_CHARACTERS),
    x: x - ARROW,
    y: height,
    width: textWidth(text),
  });
  const above = label(ports, y - 4);
  return services === "" ? [above] : [above, label(services, y + LABEL_HEIGHT)];
}
