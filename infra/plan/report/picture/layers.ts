/** Which column each node stands in, and in which order: so that connections run from left to right, and cross little. */
import type { Graph } from "./graph";

/** A node, or the place where a bundle passes a column on its way. */
export type Slot = { readonly node: string } | { readonly passing: number };

export interface Layers {
  /** Column of each node. */
  readonly columnOf: ReadonlyMap<string, number>;
  /** From top to bottom; `passing` is the index of a bundle. */
  readonly columns: readonly (readonly Slot[])[];
}

const SWEEPS = 8;

export function layersOf(graph: Graph): Layers {
  const columnOf = assignColumns(graph);
  const width = Math.max(...columnOf.values(), 0) + 1;
  const columns = Array.from({ length: width }, (_, column) => slotsIn(graph, columnOf, column));
  return { columnOf, columns: ordered(columns, graph) };
}

/** Sources first, sinks last; pods between them, each after those that talk to it. */
function assignColumns({ nodes, bundles }: Graph): Map<string, number> {
  const inside = new Set(nodes.filter(({ role }) => role === "pods").map(({ id }) => id));
  const callers = new Map<string, string[]>();
  for (const { target, sources } of bundles) {
    callers.set(target, [...(callers.get(target) ?? []), ...sources.filter((source) => inside.has(source))]);
  }
  const columns = new Map(nodes.flatMap(({ id, column }) => (column === undefined ? [] : [[id, column] as const])));
  if (columns.size > 0) return columns;
  const columnOf = (id: string, above: ReadonlySet<string>): number => {
    const known = columns.get(id);
    if (known !== undefined) return known;
    // Who is met on the way to itself talks in a circle: that connection runs backwards.
    const before = (callers.get(id) ?? []).filter((caller) => caller !== id && !above.has(caller));
    const column = 1 + Math.max(0, ...before.map((caller) => columnOf(caller, new Set([...above, id]))));
    columns.set(id, column);
    return column;
  };
  for (const id of inside) columnOf(id, new Set());
  const last = Math.max(0, ...columns.values()) + 1;
  for (const { id, role } of nodes) if (role !== "pods") columns.set(id, role === "source" ? 0 : last);
  return columns;
}

function slotsIn({ nodes, bundles }: Graph, columnOf: ReadonlyMap<string, number>, column: number): Slot[] {
  const at = (id: string) => columnOf.get(id) ?? 0;
  const passing = bundles.flatMap(({ target, sources }, bundle) => {
    const first = Math.min(...sources.map(at));
    return first < column && column < at(target) ? [{ passing: bundle }] : [];
  });
  return [...nodes.filter(({ id }) => at(id) === column).map(({ id }) => ({ node: id })), ...passing];
}

/** Moves every slot to the middle of what it is joined with, to and fro, until the columns agree. */
function ordered(columns: readonly (readonly Slot[])[], { bundles }: Graph): Slot[][] {
  const current = columns.map((slots) => [...slots]);
  const isJoined = (one: Slot, other: Slot) =>
    bundles.some((bundle, index) => belongs(one, bundle, index) && belongs(other, bundle, index));
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const order = current.map((_, index) => (sweep % 2 === 0 ? index : current.length - 1 - index));
    for (const index of order) {
      const neighbours = current[sweep % 2 === 0 ? index - 1 : index + 1] ?? [];
      current[index] = sortedByMiddle(current[index] ?? [], neighbours, isJoined);
    }
  }
  return current;
}

function belongs(slot: Slot, { target, sources }: Graph["bundles"][number], index: number): boolean {
  return "passing" in slot ? slot.passing === index : slot.node === target || sources.includes(slot.node);
}

function sortedByMiddle(
  slots: readonly Slot[],
  neighbours: readonly Slot[],
  isJoined: (one: Slot, other: Slot) => boolean,
): Slot[] {
  const middle = (slot: Slot, index: number): number => {
    const places = neighbours.flatMap((other, place) => (isJoined(slot, other) ? [place / neighbours.length] : []));
    if (places.length === 0) return index / slots.length;
    return places.reduce((total, place) => total + place, 0) / places.length;
  };
  return slots
    .map((slot, index) => ({ slot, place: middle(slot, index) }))
    .sort((a, b) => a.place - b.place)
    .map(({ slot }) => slot);
}
