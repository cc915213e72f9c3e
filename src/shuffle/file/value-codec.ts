// Packs values for files, with msgpackr and an extension for the few objects that msgpackr would change.

import { createRequire } from 'node:module';

import type * as Msgpackr from 'msgpackr';

const require = createRequire(import.meta.url);
let made: Msgpackr.Packr | undefined;

/** The code of our extension, which msgpackr does not use. */
const ODD_OBJECT_TYPE = 0x6e;

/** Field names that the codec uses itself: they come back as other names, or damage the objects that follow. */
const ODD_NAMES: ReadonlySet<string> = new Set(['__proto__', '__keys__', 'constructor']);

/** Whether this thread has met an odd object. Until then values need not be searched for one. */
let hasMetOdd = false;

/** Packs the values of a block. */
export function packValues(values: readonly unknown[]): Buffer {
  return codec().pack(hasMetOdd ? values.map(withoutOdd) : values);
}

export function unpackValues(bytes: Uint8Array): unknown[] {
  return codec().unpack(bytes) as unknown[];
}

/** To be called for each value with an odd field name, and for each object without a prototype. */
export function noteOdd(): void {
  hasMetOdd = true;
}

export function isOddName(name: string): boolean {
  return ODD_NAMES.has(name);
}

/** Sets a field of an object that is being made, even if its name is that of something inherited. */
export function setField(object: object, name: string, value: unknown): void {
  if (name === '__proto__') {
    Object.defineProperty(object, name, { value, writable: true, enumerable: true, configurable: true });
  } else {
    (object as Record<string, unknown>)[name] = value;
  }
}

/** An object as a list, in the form in which it passes through the codec. */
class OddObject {
  readonly hasPrototype: boolean;
  /** Names and values, alternating. */
  readonly fields: readonly unknown[];

  constructor(hasPrototype: boolean, fields: readonly unknown[]) {
    this.hasPrototype = hasPrototype;
    this.fields = fields;
  }
}

/** The codec. It is made for the first value that needs it: most are numbers and texts, and msgpackr takes 8 ms to look for its native part. */
function codec(): Msgpackr.Packr {
  if (made !== undefined) return made;
  const { addExtension, Packr } = require('msgpackr') as typeof Msgpackr;
  addExtension({
    Class: OddObject,
    type: ODD_OBJECT_TYPE,
    write: ({ hasPrototype, fields }: OddObject) => [hasPrototype, ...fields],
    read: readOdd,
  });
  made = new Packr({ moreTypes: true, useBigIntExtension: true });
  return made;
}

function readOdd([hasPrototype, ...fields]: unknown[]): object {
  noteOdd();
  const object = hasPrototype === true ? {} : (Object.create(null) as object);
  for (let at = 0; at < fields.length; at += 2) setField(object, fields[at] as string, fields[at + 1]);
  return object;
}

/** A copy of a value, which is a tree, with its odd objects replaced. */
function withoutOdd(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(withoutOdd);
  if (value instanceof Map) return new Map(Array.from(value, ([key, of]) => [withoutOdd(key), withoutOdd(of)]));
  if (value instanceof Set) return new Set(Array.from(value, withoutOdd));
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== null && prototype !== Object.prototype) return value;
  const fields = Object.entries(value).map(([name, of]) => [name, withoutOdd(of)] as const);
  if (prototype === null || fields.some(([name]) => isOddName(name)))
    return new OddObject(prototype !== null, fields.flat());
  return Object.fromEntries(fields);
}
