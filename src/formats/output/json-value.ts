// Writes results as JSON, and refuses values that JSON would leave out or write as something else.

import { types } from 'node:util';

import { Bytes } from '../../bytes.ts';
import { described, pathText } from '../../described-value.ts';

/** A value that is nested deeper is refused, since checking it would use up the stack. */
const MOST_DEPTH = 500;

const INSTEAD: Readonly<Record<string, string>> = {
  'a promise': 'await it first',
  'a Map': 'write Object.fromEntries(map) or [...map]',
  'a Set': 'write [...set]',
  'a RegExp': 'write its source',
  'a generator': 'write [...generator]',
  'an iterator': 'write [...iterator]',
  Bytes: 'write its toString()',
  undefined: 'write null, or leave the field out',
};

/**
 * A result as JSON. It may consist of null, booleans, finite numbers, texts, dates, and arrays and plain objects of these; other
 * values have to have a `toJSON`.
 * @throws TypeError, which names what is something else and where in the result it is
 */
export function jsonText(result: unknown): string {
  const check = new JsonCheck();
  check.of(result);
  // A second call of a toJSON could return something else than the first, which was checked.
  return JSON.stringify(result, check.asChecked);
}

class JsonCheck {
  /** The objects that contain the value that is being checked, and the path to it. */
  readonly #within: object[] = [];
  readonly #path: (string | number)[] = [];
  /** What the toJSON of each value has returned. */
  #said: Map<unknown, unknown> | undefined;

  /** A replacer for JSON.stringify, which has each value written as it was checked; undefined if none is needed. */
  get asChecked(): ((this: unknown, name: string, value: unknown) => unknown) | undefined {
    const said = this.#said;
    if (said === undefined) return undefined;
    return function (name, value) {
      let checked = (this as Readonly<Record<string, unknown>>)[name];
      if (!said.has(checked)) return value;
      while (said.has(checked)) checked = said.get(checked);
      return checked;
    };
  }

  of(value: unknown): void {
    if (typeof value === 'string' || typeof value === 'boolean' || value === null) return;
    if (typeof value === 'number') {
      if (!Number.isFinite(value)) throw this.#notJson(`${value}, which JSON cannot represent`);
    } else if (typeof value === 'object') {
      this.#object(value);
    } else if (typeof value === 'bigint' && hasToJson(value)) {
      this.of(this.#answerOf(value));
    } else {
      const what = described(value);
      throw this.#notJson(what, INSTEAD[what]);
    }
  }

  #object(value: object): void {
    if (this.#within.includes(value)) throw this.#notJson('an object that contains itself');
    if (this.#within.length === MOST_DEPTH) throw this.#notJson(`values nested more than ${MOST_DEPTH} deep`);
    this.#within.push(value);
    if (Array.isArray(value)) this.#elements(value);
    else this.#fields(value);
    this.#within.pop();
  }

  #elements(array: readonly unknown[]): void {
    const path = this.#path;
    const names = Object.keys(array);
    if (names.length > array.length) {
      throw this.#notJson(`a field ${names.at(-1)} of an array`, 'write a plain object, or [...array] without it');
    }
    // For numbers and texts, as most elements are, the path is not extended.
    for (let at = 0; at < array.length; at++) {
      const element = array[at];
      if (typeof element === 'string' || Number.isFinite(element)) continue;
      path.push(at);
      if (element === undefined && !(at in array))
        throw this.#notJson('a hole in an array', 'fill it, such as with null');
      this.of(element);
      path.pop();
    }
  }

  #fields(value: object): void {
    if (isRefused(value)) throw this.#refused(value);
    if (hasToJson(value)) return this.of(this.#answerOf(value));
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype !== Object.prototype && prototype !== null) throw this.#refused(value);
    if (Object.getOwnPropertySymbols(value).length > 0) {
      throw this.#notJson('a field whose name is a symbol', 'name it with a string');
    }
    for (const [name, field] of Object.entries(value)) {
      this.#path.push(name);
      this.of(field);
      this.#path.pop();
    }
  }

  #answerOf(value: { toJSON(): unknown }): unknown {
    const answer = value.toJSON();
    (this.#said ??= new Map()).set(value, answer);
    return answer;
  }

  #refused(value: object): TypeError {
    const what = described(value);
    const isInstance = what.startsWith('an instance of ');
    return this.#notJson(
      what,
      isInstance ? 'write its fields as a plain object, or give it a toJSON()' : INSTEAD[what],
    );
  }

  #notJson(found: string, instead?: string): TypeError {
    const where = this.#path.length === 0 ? '' : ` at ${pathText('result', this.#path)}`;
    const what = instead === undefined ? '' : `: ${instead}`;
    return new TypeError(`expected a result that can be written as text or JSON, found ${found}${where}${what}`);
  }
}

/** Whether JSON.stringify would write a value as something else, whatever its toJSON returns. */
function isRefused(value: object): boolean {
  return (
    value instanceof Bytes ||
    ArrayBuffer.isView(value) ||
    types.isBoxedPrimitive(value) ||
    types.isArgumentsObject(value) ||
    (types.isDate(value) && Number.isNaN(value.getTime()))
  );
}

function hasToJson(value: unknown): value is { toJSON(): unknown } {
  return typeof (value as { readonly toJSON?: unknown }).toJSON === 'function';
}
