// Values on their way: what can be one, and how it is packed. The one codec for every value, wherever it is written.

import { createRequire } from 'node:module';

import type * as Msgpackr from 'msgpackr';

import { Bytes } from '../bytes.ts';

const require = createRequire(import.meta.url);
let made: Msgpackr.Packr | undefined;

/** Packs the values of a block. */
export function packValues(values: readonly unknown[]): Buffer {
  return codec().pack(values);
}

export function unpackValues(bytes: Uint8Array): unknown[] {
  return codec().unpack(bytes) as unknown[];
}

/** Made for the first value that needs it: most are numbers and texts, and to look for msgpackr's native part takes 8 ms. */
function codec(): Msgpackr.Packr {
  made ??= new (require('msgpackr') as typeof Msgpackr).Packr({
    structuredClone: true,
    moreTypes: true,
    useBigIntExtension: true,
  });
  return made;
}

/**
 * A value as it is at this moment, and as it will come out of a file: what becomes of the object afterwards does not
 * reach the output. Class instances become plain objects, unpaired surrogates U+FFFD (inside of objects, one or three of
 * them), -0 becomes 0; functions and promises inside of objects are left out, as JSON leaves them out.
 * @throws TypeError where it is no data
 */
export function snapshot(value: unknown): unknown {
  switch (typeof value) {
    case 'number':
      return value + 0;
    case 'string':
      return value.toWellFormed();
    case 'function':
    case 'symbol':
      throw new TypeError(`expected data as a value, found a ${typeof value}`);
    case 'object':
      if (value === null) return null;
      if (value instanceof Bytes) throw new TypeError('expected data as a value, found Bytes: take its toString()');
      if ('then' in value && typeof value.then === 'function') {
        throw new TypeError('expected data as a value, found a promise: await it first');
      }
      return flatCopy(value) ?? codec().unpack(codec().pack(value));
    default:
      return value;
  }
}

/** What the codec would make of a list or a plain object of numbers, texts, true, false and null, in a tenth of the time; undefined where there is more to it. */
function flatCopy(value: object): object | undefined {
  if (Array.isArray(value)) {
    if (Object.getPrototypeOf(value) !== Array.prototype) return undefined;
    // Not element by element: a list that grows has room for sixteen more.
    const copy: unknown[] = value.slice();
    for (let at = 0; at < copy.length; at++) {
      const own = flatPart(copy[at]);
      if (own === undefined) return undefined;
      copy[at] = own;
    }
    return copy;
  }
  if (Object.getPrototypeOf(value) !== Object.prototype) return undefined;
  const copy: Record<string, unknown> = {};
  for (const name of Object.keys(value)) {
    const own = flatPart((value as Record<string, unknown>)[name]);
    if (own === undefined || name === '__proto__' || !name.isWellFormed()) return undefined;
    copy[name] = own;
  }
  return copy;
}

function flatPart(part: unknown): number | string | boolean | null | undefined {
  if (typeof part === 'number') return part + 0;
  if (typeof part === 'string') return part.isWellFormed() ? part : undefined;
  return typeof part === 'boolean' || part === null ? part : undefined;
}
