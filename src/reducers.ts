// The reducers that jobs ask for most, each also a combiner. A reducer of numbers says how it takes two of them at a time:
// the engine then folds them in place, without an iterable a key.

/** A reducer of numbers. */
export interface NumberReducer {
  (key: string, values: Iterable<number>): number;
  /** The same for two values; the answer does not depend on how values are paired. */
  readonly fold: (a: number, b: number) => number;
}

/** Adds the numbers of a key. */
export const sum: NumberReducer = numberReducer((a, b) => a + b);

/** The smallest number of a key. */
export const min: NumberReducer = numberReducer((a, b) => Math.min(a, b));

/** The largest number of a key. */
export const max: NumberReducer = numberReducer((a, b) => Math.max(a, b));

/** Every pair as it is: what comes out is the input of the reduce, in the order of keys. */
export function* identity<V>(key: string, values: Iterable<V>): Generator<readonly [key: string, value: V]> {
  for (const value of values) yield [key, value];
}

/** What a function folds two numbers with, where it is a reducer of numbers. */
export function foldOf(reducer: unknown): NumberReducer['fold'] | undefined {
  const fold: unknown = typeof reducer === 'function' && 'fold' in reducer ? reducer.fold : undefined;
  return typeof fold === 'function' ? (fold as NumberReducer['fold']) : undefined;
}

function numberReducer(fold: NumberReducer['fold']): NumberReducer {
  const reduce = (_key: string, values: Iterable<number>): number => {
    let total: number | undefined;
    for (const value of values) total = total === undefined ? value : fold(total, value);
    return total ?? 0;
  };
  return Object.assign(reduce, { fold });
}
