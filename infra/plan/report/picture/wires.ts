/** The ways of the connections: from box to lane to box, over the top where one runs backwards. */
import { Boxes, entryHeight, exitHeight, STEP } from "./boxes";
import type { Bundle, Graph } from "./graph";
import { spanOf, Trunk } from "./lanes";

export type Point = readonly [x: number, y: number];

export interface Line {
  readonly from: Point;
  readonly to: Point;
}

/** Column of a node, by its id. */
export type ColumnOf = (id: string) => number;

/** Heights at which each bundle leaves its sources and enters its target. */
export interface Ends {
  readonly exit: (source: string) => number;
  readonly entry: number;
}

export function endsOf({ bundles }: Graph, { boxes }: Boxes): Ends[] {
  const middle = (id: string) => {
    const box = boxes.get(id);
    return box === undefined ? 0 : box.y + box.height / 2;
  };
  const mean = (ids: readonly string[]) => ids.reduce((sum, id) => sum + middle(id), 0) / Math.max(1, ids.length);
  return bundles.map((bundle, index) => {
    const entering = indexesOf(bundles, ({ target }) => target === bundle.target);
    const entries = sortedBy(entering, (each) => mean(bundles[each]?.sources ?? []));
    const target = boxes.get(bundle.target);
    return {
      entry: target === undefined ? 0 : entryHeight(target, entries.indexOf(index), entries.length),
      exit: (source) => {
        const leaving = indexesOf(bundles, ({ sources }) => sources.includes(source));
        const exits = sortedBy(leaving, (each) => middle(bundles[each]?.target ?? ""));
        const box = boxes.get(source);
        return box === undefined ? 0 : exitHeight(box, exits.indexOf(index), exits.length);
      },
    };
  });
}

function indexesOf(bundles: readonly Bundle[], matches: (bundle: Bundle) => boolean): number[] {
  return bundles.flatMap((bundle, index) => (matches(bundle) ? [index] : []));
}

function sortedBy(items: readonly number[], key: (item: number) => number): number[] {
  return [...items].sort((a, b) => key(a) - key(b) || a - b);
}

/** Whether a bundle needs a lane to the right of `column`: from its first source to its target, and where it turns back. */
export function turnsIn(bundle: Bundle, column: number, at: ColumnOf): boolean {
  const last = at(bundle.target) - 1;
  const backward = backwardSources(bundle, at);
  const onItsWay = firstColumn(bundle, at) <= column && column <= last;
  return onItsWay || backward.some((source) => at(source) === column) || (backward.length > 0 && column === last);
}

/** The trunks in the space to the right of `column`. */
export function trunksIn(
  column: number,
  { bundles }: Graph,
  at: ColumnOf,
  placed: Boxes,
  ends: readonly Ends[],
): Trunk[] {
  return bundles.flatMap((bundle, index) => {
    const { exit, entry } = ends[index] ?? { exit: () => 0, entry: 0 };
    const last = at(bundle.target) - 1;
    const exits = bundle.sources.filter((source) => at(source) === column).map(exit);
    const onward = column === last ? entry : placed.passing[column + 1]?.get(index);
    if (!turnsIn(bundle, column, at)) return [];
    const backward = backwardSources(bundle, at);
    const over = backward.length > 0 && column >= last ? { over: heightOver(bundles, index, at) } : {};
    const through = placed.passing[column]?.get(index);
    const passing = through === undefined ? {} : { through };
    const joins = [...exits, ...(through === undefined ? [] : [through])];
    const leaves = column > last || onward === undefined ? [] : [onward];
    return [{ bundle: index, joins, leaves, ...passing, ...over }];
  });
}

/** Each bundle that runs backwards has a height of its own above the boxes. */
function heightOver(bundles: readonly Bundle[], index: number, at: ColumnOf): number {
  const before = bundles.slice(0, index).filter((bundle) => backwardSources(bundle, at).length > 0);
  return -STEP * (2 + before.length);
}

function firstColumn(bundle: Bundle, at: ColumnOf): number {
  return Math.min(...bundle.sources.map(at));
}

function backwardSources(bundle: Bundle, at: ColumnOf): string[] {
  return bundle.sources.filter((source) => at(source) >= at(bundle.target));
}

export interface Lane {
  readonly column: number;
  readonly x: number;
  readonly trunk: Trunk;
}

/** The lines of one bundle, given its lanes from left to right. */
export function linesOf(lanes: readonly Lane[], { columns }: Boxes): Line[] {
  const edges = ({ column }: Lane) => {
    const own = columns[column] ?? { x: 0, width: 0 };
    return { left: own.x, right: own.x + own.width, next: columns[column + 1]?.x ?? 0 };
  };
  const turning = lanes.filter(({ trunk }) => trunk.over !== undefined);
  const [first, last] = [turning[0], turning.at(-1)];
  const back: Line[] =
    first === undefined || last === undefined || first === last
      ? []
      : [{ from: [first.x, first.trunk.over ?? 0], to: [last.x, first.trunk.over ?? 0] }];
  return lanes
    .flatMap((lane): Line[] => {
      const { x, trunk } = lane;
      const { top, bottom } = spanOf(trunk);
      return [
        ...trunk.joins.map((y): Line => ({
          from: [y === trunk.through ? edges(lane).left : edges(lane).right, y],
          to: [x, y],
        })),
        ...trunk.leaves.map((y): Line => ({ from: [x, y], to: [edges(lane).next, y] })),
        { from: [x, top], to: [x, bottom] },
      ];
    })
    .concat(back);
}

/** Where lines of one bundle meet in the middle of another: a dot tells them from two that cross. */
export function jointsOf(lanes: readonly Lane[]): Point[] {
  return lanes.flatMap(({ x, trunk }) => {
    const { top, bottom } = spanOf(trunk);
    return [...trunk.joins, ...trunk.leaves].filter((y) => top < y && y < bottom).map((y): Point => [x, y]);
  });
}
