// The reducers that jobs ask for most.

/** Adds the numbers of a key. Good as a combiner and as a reducer. */
export function sum(_key: string, values: Iterable<number>): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
