// Copies a value that holds other values, or reports why it is not data.

import { types } from 'node:util';

import { described, pathText } from '../described-value.ts';
import { isOddName, noteOdd, setField } from './file/value-codec.ts';

/** A value that is nested deeper is refused, since copying it would use up the stack. */
const MOST_DEPTH = 500;

/** The typed arrays that can be packed. Of their subclasses, only Buffer can be. */
const TYPED_ARRAYS: ReadonlySet<unknown> = new Set([
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
]);

const INSTEAD: Readonly<Record<string, string>> = {
  'a promise': 'await it first',
  Bytes: 'take its toString()',
  'a generator': 'take [...generator]',
  'an iterator': 'take [...iterator]',
};

/** Whether an array is the match of a regular expression, which has fields. Other arrays are not searched for fields. */
export function isMatch(array: readonly unknown[]): boolean {
  return typeof array[0] === 'string' && 'index' in array;
}

export class DeepCopy {
  /** The objects that contain the value that is being copied, and the path to it. */
  readonly #within: object[] = [];
  readonly #path: (string | number)[] = [];

  /** Copies a value. @throws TypeError, which names what is not data and where in the value it is */
  of(value: unknown): unknown {
    switch (typeof value) {
      case 'number':
        return value + 0;
      case 'string':
        return value.toWellFormed();
      case 'object':
        return value === null ? null : this.#object(value);
      case 'function':
      case 'symbol':
        throw this.#refused(value);
      default:
        return value;
    }
  }

  #object(value: object): object {
    if (this.#within.includes(value)) throw this.#notData('an object that contains itself');
    if (this.#within.length === MOST_DEPTH) throw this.#notData(`values nested more than ${MOST_DEPTH} deep`);
    this.#within.push(value);
    const copy = this.#copy(value, Object.getPrototypeOf(value));
    this.#within.pop();
    return copy;
  }

  #copy(value: object, prototype: unknown): object {
    if (Array.isArray(value) && prototype === Array.prototype) return this.#array(value);
    if (types.isMap(value) && prototype === Map.prototype) return this.#map(value);
    if (types.isSet(value) && prototype === Set.prototype) return this.#set(value);
    if (types.isDate(value) && prototype === Date.prototype) return new Date(value.getTime());
    if (value instanceof ArrayBuffer) return value.slice(0);
    if (ArrayBuffer.isView(value)) return this.#view(value);
    if (prototype === null || prototype === Object.prototype) return this.#fields(value, prototype !== null);
    throw this.#refused(value);
  }

  #array(array: readonly unknown[]): unknown[] {
    if (isMatch(array)) {
      throw this.#notData('what a regular expression has matched, which has fields of its own', 'take [...match]');
    }
    return Array.from({ length: array.length }, (_, at) => {
      this.#path.push(at);
      if (!(at in array)) throw this.#notData('a hole in an array', 'fill it, for example with null');
      return this.#part(array[at]);
    });
  }

  #fields(object: object, hasPrototype: boolean): object {
    if (types.isArgumentsObject(object)) throw this.#refused(object);
    if (Object.getOwnPropertySymbols(object).length > 0) {
      throw this.#notData('a field whose name is a symbol', 'name it with a string');
    }
    if (!hasPrototype) noteOdd();
    const copy = (hasPrototype ? {} : Object.create(null)) as Record<string, unknown>;
    for (const name of Object.keys(object)) {
      const sameName = name.toWellFormed();
      if (isOddName(sameName)) noteOdd();
      if (Object.hasOwn(copy, sameName)) throw this.#notData('two fields whose names are the same as UTF-8');
      this.#path.push(name);
      setField(copy, sameName, this.#part((object as Record<string, unknown>)[name]));
    }
    return copy;
  }

  #map(map: ReadonlyMap<unknown, unknown>): Map<unknown, unknown> {
    const copy = new Map<unknown, unknown>();
    for (const [key, value] of map) {
      const sameKey = this.of(key);
      this.#path.push(typeof key === 'string' || typeof key === 'number' ? key : described(key));
      copy.set(sameKey, this.#part(value));
    }
    if (copy.size < map.size) throw this.#notData('a Map of which two keys are the same as UTF-8');
    return copy;
  }

  #set(set: ReadonlySet<unknown>): Set<unknown> {
    const copy = new Set(Array.from(set, (element) => this.of(element)));
    if (copy.size < set.size) throw this.#notData('a Set of which two elements are the same as UTF-8');
    return copy;
  }

  #view(view: ArrayBufferView): object {
    const { constructor } = view as { readonly constructor: unknown };
    if (constructor === Buffer) return Buffer.from(view as Buffer);
    if (TYPED_ARRAYS.has(constructor)) return (view as Uint8Array).slice();
    if (constructor !== DataView) throw this.#refused(view);
    return new DataView(Uint8Array.from(new Uint8Array(view.buffer, view.byteOffset, view.byteLength)).buffer);
  }

  /** Copies the value at the end of the path, and takes its step off the path. */
  #part(value: unknown): unknown {
    const copy = this.of(value);
    this.#path.pop();
    return copy;
  }

  #refused(value: unknown): TypeError {
    const what = described(value);
    return this.#notData(
      what,
      what.startsWith('an instance of ') ? 'give its fields as a plain object, such as { ...it }' : INSTEAD[what],
    );
  }

  #notData(found: string, instead?: string): TypeError {
    const where = this.#path.length === 0 ? '' : ` at ${pathText('value', this.#path)}`;
    const what = instead === undefined ? '' : `: ${instead}`;
    return new TypeError(`expected data as a value, found ${found}${where}${what}`);
  }
}
