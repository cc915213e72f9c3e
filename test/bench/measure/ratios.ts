// Medians, and ratios of times that were taken in turn.

/** The times of one contestant, a round each; undefined where it failed in that round. */
export type Times = readonly (number | undefined)[];

/** The middle of all that are numbers, the mean of both middles where their count is even; undefined where there is none. */
export function median(values: Times): number | undefined {
  const sorted = values.filter((value) => value !== undefined).toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  if (sorted.length % 2 === 1) return sorted[middle];
  return sorted.length === 0 ? undefined : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/**
 * The median of what `combine` makes of each round's times: machines change from minute to minute, and what ran in the same
 * round ran under the same conditions.
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
