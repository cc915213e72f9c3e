// Copies the values that a job emits, so that later changes of the original do not reach the copy, and refuses what is not data.

import { isOddName } from './file/value-codec.ts';
import { DeepCopy, isMatch } from './deep-copy.ts';

/**
 * A copy of a value as it is at this moment, and as it will come out of a file: later changes of the object do not reach the
 * output. Data is undefined, null, booleans, numbers, bigints, texts, dates, typed arrays (also Buffer), ArrayBuffer and DataView,
 * and arrays, plain objects, Map and Set of these. Two things change: -0 becomes 0, and an unpaired surrogate, for which UTF-8 has
 * no bytes, becomes U+FFFD.
 * @throws TypeError, which names what is not data and where in the value it is
 */
export function snapshot(value: unknown): unknown {
  switch (typeof value) {
    case 'number':
      return value + 0;
    case 'string':
      return value.toWellFormed();
    case 'object':
      return value === null ? null : (flatCopy(value) ?? new DeepCopy().of(value));
    case 'function':
    case 'symbol':
      return new DeepCopy().of(value);
    default:
      return value;
  }
}

/** A copy of an array or a plain object of numbers, texts, true, false and null, made the quickest way; undefined for any other value. */
function flatCopy(value: object): object | undefined {
  if (Array.isArray(value)) {
    if (Object.getPrototypeOf(value) !== Array.prototype || isMatch(value)) return undefined;
    // Not element by element: an array that grows reserves room for sixteen more.
    const copy: unknown[] = value.slice();
    for (let at = 0; at < copy.length; at++) {
      const own = flatPart(copy[at]);
      if (own === undefined) return undefined;
      copy[at] = own;
    }
    return copy;
  }
  if (Object.getPrototypeOf(value) !== Object.prototype || Object.getOwnPropertySymbols(value).length > 0) {
    return undefined;
  }
  // Not field by field: copying all of them at once takes half as long.
  const copy = { ...value } as Record<string, unknown>;
  for (const name of Object.keys(copy)) {
    const part = copy[name];
    const own = flatPart(part);
    if (own === undefined || isOddName(name) || !name.isWellFormed()) return undefined;
    if (!Object.is(own, part)) copy[name] = own;
  }
  return copy;
}

function flatPart(part: unknown): number | string | boolean | null | undefined {
  if (typeof part === 'number') return part + 0;
  if (typeof part === 'string') return part.isWellFormed() ? part : undefined;
  return typeof part === 'boolean' || part === null ? part : undefined;
}
