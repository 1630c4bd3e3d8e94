/** The space between two columns, where connections change their height: a lane for each. */

/** One bundle between two columns: a vertical line, with what joins it from the left and leaves to the right. */
export interface Trunk {
  readonly bundle: number;
  readonly joins: readonly number[];
  /** That of `joins` which comes through the column from the space before it. */
  readonly through?: number;
  readonly leaves: readonly number[];
  /** Height outside the columns to or from which a connection that runs backwards goes. */
  readonly over?: number;
}

/** Best order of the lanes from left to right: the one in which the fewest lines cross, as far as swaps find it. */
export function orderLanes(trunks: readonly Trunk[]): Trunk[] {
  const lanes = [...trunks];
  let improved = true;
  for (let round = 0; improved && round < trunks.length; round++) {
    improved = false;
    for (let at = 0; at + 1 < lanes.length; at++) {
      const [left, right] = [lanes[at], lanes[at + 1]];
      if (left === undefined || right === undefined || crossings(right, left) >= crossings(left, right)) continue;
      lanes.splice(at, 2, right, left);
      improved = true;
    }
  }
  return lanes;
}

/** How often two bundles cross if `left` has the lane on the left. */
export function crossings(left: Trunk, right: Trunk): number {
  const [leftSpan, rightSpan] = [spanOf(left), spanOf(right)];
  const outgoing = left.leaves.filter((y) => rightSpan.top < y && y < rightSpan.bottom).length;
  return outgoing + right.joins.filter((y) => leftSpan.top < y && y < leftSpan.bottom).length;
}

export function spanOf({ joins, leaves, over }: Trunk): { top: number; bottom: number } {
  const heights = [...joins, ...leaves, ...(over === undefined ? [] : [over])];
  return { top: Math.min(...heights), bottom: Math.max(...heights) };
}
