// What the functions of a job may answer, and what becomes of it: the same rules for every runner.

import { Bytes, type Key } from '../bytes.ts';
import type { Emit } from '../job.ts';
import type { Combiner } from '../shuffle/combiner.ts';
import { snapshot } from '../shuffle/values.ts';
import { jobFailure } from './failure.ts';
import { keyPlace } from './place.ts';

/** @throws TypeError where a key is neither a string nor Bytes; `who` emitted it */
export function checkKey(who: 'map' | 'reduce', key: unknown): void {
  if (typeof key === 'string') return;
  if (key instanceof Bytes) {
    if (key.start >= 0 && key.start <= key.end && key.end <= key.buffer.length) return;
    const found = `bytes ${key.start} to ${key.end} of ${key.buffer.length}`;
    throw new TypeError(`${who} emitted a key that is no part of its buffer: ${found}`);
  }
  throw new TypeError(`${who} emitted a key that is a ${typeof key}; expected a string or Bytes`);
}

/** What a job's function emits with, made of a function that adds one pair. */
export function emitting<V>(add: (key: Key, value: V) => void, each?: Emit<V>['each']): Emit<V> {
  const emit: Emit<V> = Object.assign(add, { each: each ?? ((keys, value) => emitEach(emit, keys, value)) });
  return emit;
}

export function emitEach<V>(emit: Emit<V>, keys: Iterable<Key>, value: V): void {
  for (const key of keys) emit(key, value);
}

/**
 * Emits what map returned: nothing, an iterable of pairs, an async one, or a promise of either. Answers a promise where
 * that takes waiting.
 * @throws TypeError for anything else
 */
export function emitMapResult(result: unknown, emit: Emit<unknown>): Promise<void> | undefined {
  if (result === undefined) return undefined;
  if (typeof result === 'object' && result !== null) {
    if (Symbol.iterator in result) {
      for (const [key, value] of result as Iterable<[string, unknown]>) emit(key, value);
      return undefined;
    }
    if (Symbol.asyncIterator in result) return emitAsync(result as AsyncIterable<[string, unknown]>, emit);
    if (isPromise(result)) return result.then((settled) => emitMapResult(settled, emit));
  }
  throw new TypeError(`map returned a ${typeof result}; expected nothing, or an iterable of [key, value] pairs`);
}

/** Emits what reduce answered for a key: nothing, one value, or what its generator yields. */
export function emitReduceResult(key: string, result: unknown, emit: Emit<unknown>): void {
  if (isGenerator(result)) for (const [outKey, value] of result) emit(outKey, value);
  else if (result !== undefined) emit(key, result);
}

export function isPromise(value: unknown): value is Promise<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}

/** A combiner whose result is data, whatever becomes of the object that it returned, and whose errors name the key. */
export function guardedCombine(what: 'combine' | 'reduce', combine: Combiner['combine']): Combiner['combine'] {
  return (key, values) => {
    try {
      return snapshot(combine(key, values));
    } catch (error) {
      throw jobFailure(error, what === 'combine' ? keyPlace(key, what) : keyPlace(key));
    }
  };
}

async function emitAsync(pairs: AsyncIterable<[string, unknown]>, emit: Emit<unknown>): Promise<void> {
  for await (const [key, value] of pairs) emit(key, value);
}

/** Only a generator yields pairs: an array or a string that reduce returns is a value. */
function isGenerator(value: unknown): value is Iterable<readonly [string, unknown]> {
  return typeof value === 'object' && value !== null && 'next' in value && typeof value.next === 'function';
}
