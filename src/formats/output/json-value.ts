// Results that are written as JSON: what JSON would leave out, or write as something else, is refused.

import { types } from 'node:util';

import { Bytes } from '../../bytes.ts';
import { described, pathText } from '../../described-value.ts';

/** What is nested deeper is refused: going through it would use up the stack. */
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
 * A result as JSON: null, booleans, finite numbers, texts, dates, and of these arrays and plain objects; anything else
 * only if it has a `toJSON`.
 * @throws TypeError that says where in the result there is something else
 */
export function jsonText(result: unknown): string {
  const check = new JsonCheck();
  check.of(result);
  // Asked once more, a toJSON could say something else.
  return JSON.stringify(result, check.asChecked);
}

class JsonCheck {
  /** The objects that hold what is looked at, and the way to it. */
  readonly #within: object[] = [];
  readonly #path: (string | number)[] = [];
  /** What the toJSON of each has said. */
  #said: Map<unknown, unknown> | undefined;

  /** For JSON.stringify: has each value written as it was checked. Undefined if that is what it does by itself. */
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
      if (!Number.isFinite(value)) throw this.#notJson(`${value}, which JSON has no word for`);
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
    if (this.#within.includes(value)) throw this.#notJson('an object that holds itself');
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
    // Numbers and texts, which most are, take no step.
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
      throw this.#notJson('a field whose name is a symbol', 'name it with a text');
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

/** What JSON makes something of that it is not, whatever its toJSON says. */
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
