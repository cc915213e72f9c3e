// Computes medians, and ratios of times that were taken in turn.

/** The times of one contestant, one per round; undefined if it failed in that round. */
export type Times = readonly (number | undefined)[];

/** The median of the values that are numbers; undefined if there are none. If their count is even, it is the mean of the middle two. */
export function median(values: Times): number | undefined {
  const sorted = values.filter((value) => value !== undefined).toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  if (sorted.length % 2 === 1) return sorted[middle];
  return sorted.length === 0 ? undefined : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/**
 * The median, over all rounds, of what `combine` returns for the times of a round. Machines change from minute to minute, and what ran
 * in the same round ran under the same conditions.
 */
export function pairwise(
  first: Times,
  second: Times,
  combine: (first: number, second: number) => number = (a, b) => a / b,
): number | undefined {
  return median(
    first.map((time, round) => {
      const other = second[round];
      return time === undefined || other === undefined ? undefined : combine(time, other);
    }),
  );
}
