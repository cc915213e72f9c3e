// Describes values in words, for messages about what a job has returned or emitted.

import { types } from 'node:util';

import { Bytes } from './bytes.ts';

/** The most characters of a text that are shown. */
const SHOWN_CHARACTERS = 60;
/** The most steps of a path that are shown. */
const SHOWN_STEPS = 8;

/** Any value, named with its article: `the text "a"`, `an array of 2 elements`, `an instance of Place`. */
export function described(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return `the text ${quoted(value)}`;
    case 'number':
      return Number.isFinite(value) ? `the number ${value}` : String(value);
    case 'bigint':
      return `the bigint ${shortened(String(value))}n`;
    case 'symbol':
      return 'a symbol';
    case 'function':
      return value.name === '' ? 'a function' : `the function ${value.name}`;
    case 'object':
      return value === null ? 'null' : describedObject(value);
    default:
      return String(value);
  }
}

/** A text as JSON, shortened. */
export function quoted(text: string): string {
  return shortened(JSON.stringify(text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text));
}

/** Whether a value is a promise, or anything else that `await` waits for. */
export function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}

/** The path to a part of an object, such as `value.list[2]["a b"]`; the end of it if it is long. */
export function pathText(whole: string, path: readonly (string | number)[]): string {
  const steps = path.slice(-SHOWN_STEPS).map((step) => {
    if (typeof step === 'number') return `[${step}]`;
    return /^[\p{L}_$][\p{L}\p{Nd}_$]*$/u.test(step) ? `.${step}` : `[${quoted(step)}]`;
  });
  return `${whole}${path.length > SHOWN_STEPS ? '…' : ''}${steps.join('')}`;
}

function describedObject(value: object): string {
  if (isPromise(value)) return 'a promise';
  if (Array.isArray(value)) return `an array of ${value.length} ${value.length === 1 ? 'element' : 'elements'}`;
  if (value instanceof Bytes) return 'Bytes';
  if (types.isBoxedPrimitive(value)) return `a boxed ${typeof value.valueOf()}, made with new or Object()`;
  if (types.isArgumentsObject(value)) return 'the arguments of a function';
  if (types.isGeneratorObject(value)) return 'a generator';
  if ('next' in value && typeof value.next === 'function') return 'an iterator';
  if (types.isMap(value)) return 'a Map';
  if (types.isSet(value)) return 'a Set';
  if (types.isDate(value)) return Number.isNaN(value.getTime()) ? 'an invalid Date' : 'a Date';
  if (types.isRegExp(value)) return 'a RegExp';
  if (Error.isError(value)) return `an error (${quoted(value.message)})`;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === null || prototype === Object.prototype) return 'an object';
  const { constructor } = value;
  const name = typeof constructor === 'function' && constructor !== Object ? constructor.name : '';
  if (name === '') return 'an object whose prototype is another object';
  return ArrayBuffer.isView(value)
    ? `${/^(?:[AEIO]|U(?!int))/.test(name) ? 'an' : 'a'} ${name}`
    : `an instance of ${name}`;
}

function shortened(text: string): string {
  return text.length > 2 * SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text;
}
