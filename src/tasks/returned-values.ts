// Checks and emits the return values of a job's functions, by the same rules for every runner.

import { Bytes, checkAlive, type Key } from '../bytes.ts';
import { described, isPromise, quoted } from '../described-value.ts';
import type { Emit } from '../job.ts';
import type { Combiner } from '../shuffle/combiner.ts';
import { GroupValues } from '../shuffle/merge/group-values.ts';
import { snapshot } from '../shuffle/values.ts';
import { jobFailure } from './failure.ts';
import { keyPlace } from './current-place.ts';

export type Who = 'map' | 'reduce';

/** @throws TypeError if a key is neither a string nor Bytes. `who` names the function that emitted it. */
export function checkKey(who: Who, key: unknown): void {
  if (typeof key === 'string') return;
  if (key instanceof Bytes) {
    checkAlive(key);
    if (key.start >= 0 && key.start <= key.end && key.end <= key.buffer.length) return;
    const found = `bytes ${key.start} to ${key.end} of ${key.buffer.length}`;
    throw new TypeError(`${who} emitted a key outside of its buffer: ${found}`);
  }
  throw new TypeError(`${who} emitted a key that is ${described(key)}; expected a string or Bytes`);
}

/** Makes a job's `emit` from a function that adds one pair. */
export function emitting<V>(add: (key: Key, value: V) => void, each?: Emit<V>['each']): Emit<V> {
  // Not Object.assign: it takes longer than everything else that is done for a record with one pair.
  const emit = add as { (key: Key, value: V): void; each: Emit<V>['each'] };
  emit.each = each ?? ((keys, value) => emitEach(emit, keys, value));
  return emit;
}

export function emitEach<V>(emit: (key: Key, value: V) => void, keys: Iterable<Key>, value: V): void {
  const given: unknown = keys;
  if (typeof given !== 'string' && (typeof given !== 'object' || given === null || !(Symbol.iterator in given))) {
    throw new TypeError(`emit.each: expected an iterable of keys, such as an array, found ${described(given)}`);
  }
  for (const key of keys) emit(key, value);
}

/**
 * Emits the return value of map: nothing, an iterable of pairs, an async iterable, or a promise of either. Returns a promise
 * if it has to wait.
 * @throws TypeError for anything else
 */
export function emitMapResult(result: unknown, emit: Emit<unknown>): PromiseLike<void> | undefined {
  return result === undefined ? undefined : emitResult(undefined, result, emit);
}

/**
 * Emits the return value of reduce for a key: anything that map may return, or one value that is not an iterable. Returns a
 * promise if it has to wait.
 */
export function emitReduceResult(key: string, result: unknown, emit: Emit<unknown>): PromiseLike<void> | undefined {
  return result === undefined ? undefined : emitResult(key, result, emit);
}

/** Implements both. Only reduce has a key, to which a value that is not an iterable belongs. */
function emitResult(key: string | undefined, result: unknown, emit: Emit<unknown>): PromiseLike<void> | undefined {
  if (typeof result !== 'object' || result === null || result instanceof Bytes || ArrayBuffer.isView(result)) {
    emitValue(key, result, emit);
    return undefined;
  }
  const who = key === undefined ? 'map' : 'reduce';
  if (result instanceof GroupValues)
    throw new TypeError(`${who} returned its values; expected one value made of them, or [key, value] pairs`);
  if (Symbol.iterator in result) {
    emitPairs(who, result as Iterable<unknown>, emit);
    return undefined;
  }
  if (Symbol.asyncIterator in result) return emitAsyncPairs(who, result as AsyncIterable<unknown>, emit);
  if (isPromise(result))
    return result.then((settled) => (settled === undefined ? undefined : emitResult(key, settled, emit)));
  emitValue(key, result, emit);
  return undefined;
}

function emitValue(key: string | undefined, value: unknown, emit: Emit<unknown>): void {
  if (key === undefined)
    throw new TypeError(`map returned ${described(value)}; expected nothing, or an iterable of [key, value] pairs`);
  emit(key, value);
}

/** Wraps a combiner so that its result is plain data, independent of the returned object, and its errors name the key. */
export function guardedCombine(what: 'combine' | 'reduce', combine: (...args: never) => unknown): Combiner['combine'] {
  const call = combine as (key: string, values: Iterable<unknown>) => unknown;
  return (key, values) => {
    const readOnce = new GroupValues(key, values[Symbol.iterator]());
    try {
      return combinedValue(what, call(key, readOnce), values);
    } catch (error) {
      throw jobFailure(error, what === 'combine' ? keyPlace(key, what) : keyPlace(key));
    } finally {
      readOnce.end();
    }
  };
}

/**
 * Returns the value that a combiner made of others.
 * @throws TypeError if it cannot stand for them
 */
function combinedValue(what: string, result: unknown, values: Iterable<unknown>): unknown {
  if (typeof result === 'object' && result !== null) {
    if (!isPromise(result) && !isIterator(result)) return snapshot(result);
  } else if (result !== undefined && !(Number.isNaN(result) && isMadeNaN(values))) {
    return snapshot(result);
  }
  const found = result instanceof GroupValues ? 'its values' : result === undefined ? 'nothing' : described(result);
  throw new TypeError(`${what} returned ${found}; expected one value, which stands for all values of the key`);
}

/** Whether NaN can only have come from values that are not numbers. */
function isMadeNaN(values: Iterable<unknown>): boolean {
  return Array.isArray(values) && values.every((value) => typeof value !== 'number' || Number.isFinite(value));
}

/** Emits pairs without `for…of`, which would drop a generator's return value. Most iterables are arrays and return nothing. */
function emitPairs(who: Who, pairs: Iterable<unknown>, emit: Emit<unknown>): void {
  if (Array.isArray(pairs)) {
    for (const pair of pairs) emitPair(who, pairs, pair, emit);
    return;
  }
  const iterator: Iterator<unknown> = pairs[Symbol.iterator]();
  for (let step = iterator.next(); ; step = iterator.next()) {
    if (step.done === true) return checkEnd(who, step.value);
    try {
      emitPair(who, pairs, step.value, emit);
    } catch (error) {
      closeQuietly(iterator);
      throw error;
    }
  }
}

async function emitAsyncPairs(who: Who, pairs: AsyncIterable<unknown>, emit: Emit<unknown>): Promise<void> {
  const iterator: AsyncIterator<unknown> = pairs[Symbol.asyncIterator]();
  for (let step = await iterator.next(); ; step = await iterator.next()) {
    if (step.done === true) return checkEnd(who, step.value);
    try {
      emitPair(who, pairs, step.value, emit);
    } catch (error) {
      await iterator.return?.().catch(() => {});
      throw error;
    }
  }
}

function emitPair(who: Who, pairs: unknown, pair: unknown, emit: Emit<unknown>): void {
  if (!Array.isArray(pair) || pair.length !== 2) throw notAPair(who, pairs, pair);
  emit(pair[0] as Key, pair[1]);
}

/** @throws TypeError if a generator has returned something: it is not a pair, and would be lost. */
function checkEnd(who: Who, returned: unknown): void {
  if (returned === undefined) return;
  throw new TypeError(
    `the generator of ${who} returned ${described(returned)}; expected it to yield all [key, value] pairs and return nothing`,
  );
}

/** Lets a generator run its `finally`. An error in there matters less than the one before. */
function closeQuietly(iterator: Iterator<unknown>): void {
  try {
    iterator.return?.();
  } catch {
    // The earlier error is more informative.
  }
}

function notAPair(who: Who, pairs: unknown, found: unknown): TypeError {
  if (Array.isArray(pairs))
    return new TypeError(
      `${who} returned an array with ${described(found)} in it; expected [key, value] pairs${instead(who, pairs, found)}`,
    );
  const example = `, such as [${typeof found === 'string' ? quoted(found) : "'key'"}, 1]`;
  return new TypeError(`${who} yielded ${described(found)}; expected a [key, value] pair${example}`);
}

/** Suggests a correct return value for an array that does not hold pairs. */
function instead(who: Who, array: readonly unknown[], found: unknown): string {
  if (isPromise(found)) return ': await Promise.all(…) first';
  if (array.length === 2 && typeof array[0] === 'string' && !Array.isArray(array[1]))
    return '; to give one pair, return [[key, value]]';
  return who === 'reduce' ? '; if the array is the value of the key, return [[key, array]]' : '';
}

function isIterator(value: object): boolean {
  return 'next' in value && typeof value.next === 'function';
}
