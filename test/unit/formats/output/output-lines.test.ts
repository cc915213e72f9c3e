import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { Bytes } from '../../../../src/bytes.ts';
import { outputLine } from '../../../../src/formats/output/output-lines.ts';

test.for([
  ['a text as it stands', 'x "y"', 'key\tx "y"\n'],
  ['an empty text behind the tab', '', 'key\t\n'],
  ['null as a key alone', null, 'key\n'],
  ['undefined as a key alone', undefined, 'key\n'],
  ['a whole number', 42, 'key\t42\n'],
  ['a fraction', 0.1, 'key\t0.1\n'],
  ['a large number', 1e21, 'key\t1e+21\n'],
  ['no number', NaN, 'key\tNaN\n'],
  ['a boolean', false, 'key\tfalse\n'],
  ['a bigint', 2n ** 70n, 'key\t1180591620717411303424\n'],
  ['a list as JSON', [1, 'a', null], 'key\t[1,"a",null]\n'],
  ['an object as JSON', { a: { b: 'ü' } }, 'key\t{"a":{"b":"ü"}}\n'],
  ['what has a JSON form of its own', new Date(0), 'key\t"1970-01-01T00:00:00.000Z"\n'],
] as const)('%s', ([, value, line]) => {
  expect(outputLine('key', value)).toBe(line);
});

test('the line of an empty key begins with the tab', () => {
  expect(outputLine('', 1)).toBe('\t1\n');
});

test('an object without line ends in its fields is one line, and can be parsed again', () => {
  fc.assert(
    fc.property(fc.array(fc.jsonValue(), { minLength: 1 }), (value) => {
      const line = outputLine('key', value);
      expect(line.split('\n')).toHaveLength(2);
      expect(JSON.parse(line.slice(4))).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});

class Tally {
  readonly #count = 1;
  get count(): number {
    return this.#count;
  }
}
class Money {
  toJSON(): unknown {
    return { cents: 5 };
  }
}

test('a value with a toJSON is written as that returns', () => {
  expect(outputLine('key', [new Money(), new URL('http://a/'), new Date(1)])).toBe(
    'key\t[{"cents":5},"http://a/","1970-01-01T00:00:00.001Z"]\n',
  );
  expect(outputLine('key', Object.create(null))).toBe('key\t{}\n');
  expect(outputLine('key', new Bytes(Buffer.from('-a-'), 1, 2))).toBe('key\ta\n');
});

test('the first value that a toJSON returns is written, and no later one', () => {
  let asked = 0;
  const fickle = { toJSON: (): unknown => (asked++ === 0 ? { fine: 1 } : new Map([['lost', 1]])) };
  expect(outputLine('key', [fickle])).toBe('key\t[{"fine":1}]\n');
  expect(outputLine('key', { a: new Money(), b: { toJSON: () => new Money() } })).toBe(
    'key\t{"a":{"cents":5},"b":{"cents":5}}\n',
  );
});

test.for<[string, unknown]>([
  ['a Map', new Map([['a', 1]])],
  ['a Set', new Set([1])],
  ['a RegExp', /a/],
  ['an error ("boom")', new Error('boom')],
  ['a promise', Promise.resolve(1)],
  ['a function', () => {}],
  ['a symbol', Symbol('a')],
  ['an instance of Tally', new Tally()],
  ['an instance of WeakMap', new WeakMap()],
  ['a Uint8Array', new Uint8Array(2)],
  ['a Buffer', Buffer.from('a')],
  ['an instance of ArrayBuffer', new ArrayBuffer(2)],
  ['an invalid Date', new Date(NaN)],
  ['a boxed number', Object(1)],
  ['a generator', (function* () {})()],
  ['an iterator', [1].values()],
])('a value that JSON would write as something else is refused and named: %s', ([what, value]) => {
  for (const result of [value, [1, value], { a: { b: value } }]) {
    expect(() => outputLine('key', result)).toThrow(TypeError);
    expect(() => outputLine('key', result)).toThrow(
      `expected a result that can be written as text or JSON, found ${what}`,
    );
  }
});

test('a value that JSON would leave out is refused, with its path', () => {
  const found = 'expected a result that can be written as text or JSON, found';
  // oxlint-disable-next-line no-sparse-arrays -- this is what the test is about
  expect(() => outputLine('key', [1, , 2])).toThrow(`${found} a hole in an array at result[1]`);
  expect(() => outputLine('key', { a: [undefined] })).toThrow(`${found} undefined at result.a[0]: write null`);
  expect(() => outputLine('key', { a: undefined })).toThrow(`${found} undefined at result.a`);
  expect(() => outputLine('key', { a: NaN })).toThrow(`${found} NaN, which JSON cannot represent at result.a`);
  expect(() => outputLine('key', [-Infinity])).toThrow(`${found} -Infinity, which JSON cannot represent at result[0]`);
  expect(() => outputLine('key', { big: 1n })).toThrow(`${found} the bigint 1n at result.big`);
  expect(() => outputLine('key', { text: new Bytes(Buffer.from('a')) })).toThrow(
    `${found} Bytes at result.text: write its toString()`,
  );
  expect(() => outputLine('key', { a: /(?<year>\d+)/.exec('in 2026') })).toThrow(
    `${found} a field groups of an array at result.a: write a plain object`,
  );
  expect(() => outputLine('key', Object.assign([1, 2], { total: 3 }))).toThrow(`${found} a field total of an array`);
  expect(() => outputLine('key', { [Symbol('a')]: 1 })).toThrow(`${found} a field whose name is a symbol`);
  const cyclic: unknown[] = [];
  cyclic.push({ cyclic });
  expect(() => outputLine('key', cyclic)).toThrow(`${found} an object that contains itself at result[0].cyclic`);
  const deep = JSON.parse(`${'['.repeat(30_000)}${']'.repeat(30_000)}`) as unknown;
  expect(() => outputLine('key', deep)).toThrow('nested more than 500 deep');
});
