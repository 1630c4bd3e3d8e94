/**
 * Over which load balancers clones with a path spread: one takes a hundred target groups, and no more can be had. Groups
 * are counted from 0, which is the documents' `wordpress-clones`.
 */

/**
 * The group that the next clone goes to: the emptiest, and of those the first.
 *
 * @param taken the group of each living clone; groups that are no more in use don't count
 * @param groups how many there are
 * @param limit clones that a group takes
 * @returns nothing if all are full
 */
export function nextAlbGroup(
  taken: readonly (number | undefined)[],
  groups: number,
  limit: number,
): number | undefined {
  const sizes = Array.from({ length: groups }, (_, group) => taken.filter((one) => one === group).length);
  const least = Math.min(...sizes);
  return least < limit ? sizes.indexOf(least) : undefined;
}
