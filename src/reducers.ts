// The most common reducers, each also usable as a combiner. A reducer of numbers has a `fold` of two numbers, with which the engine
// reduces in place, without one iterable per key.

import { described } from './described-value.ts';

/** A reducer of numbers. */
export interface NumberReducer {
  /** @throws TypeError if a value is not a number. */
  (key: string, values: Iterable<number>): number;
  /** The same for two values. The result does not depend on how values are paired. */
  readonly fold: (a: number, b: number) => number;
}

/** Adds the numbers of a key. No numbers add up to zero. */
export const sum: NumberReducer = numberReducer('sum', (a, b) => a + b, 0);

/** Returns the smallest number of a key. */
export const min: NumberReducer = numberReducer('min', (a, b) => Math.min(a, b));

/** Returns the largest number of a key. */
export const max: NumberReducer = numberReducer('max', (a, b) => Math.max(a, b));

/** Passes on every pair unchanged: the output is the input of the reduce, in the order of keys. */
export function* identity<V>(key: string, values: Iterable<V>): Generator<readonly [key: string, value: V]> {
  for (const value of values) yield [key, value];
}

/** Returns the function that folds two numbers if `reduce` is a reducer of numbers. */
export function foldOf(reducer: unknown): NumberReducer['fold'] | undefined {
  const fold: unknown = typeof reducer === 'function' && 'fold' in reducer ? reducer.fold : undefined;
  return typeof fold === 'function' ? (fold as NumberReducer['fold']) : undefined;
}

function numberReducer(name: string, fold: NumberReducer['fold'], ofNone?: number): NumberReducer {
  const reduce = (key: string, values: Iterable<number>): number => {
    let total: number | undefined;
    for (const value of values) {
      if (typeof value !== 'number') throw notANumber(name, key, value);
      total = total === undefined ? value : fold(total, value);
    }
    total ??= ofNone;
    if (total === undefined)
      throw new TypeError(`${name} of key ${JSON.stringify(key)}: expected a number, found none`);
    return total;
  };
  return Object.assign(reduce, { fold });
}

function notANumber(name: string, key: string, value: unknown): TypeError {
  const isNumeric = typeof value === 'string' && value.trim() !== '' && !Number.isNaN(Number(value));
  const instead = isNumeric || typeof value === 'bigint' ? '; emit Number(value)' : '';
  return new TypeError(`${name} of key ${JSON.stringify(key)}: expected numbers, found ${described(value)}${instead}`);
}
