import { inspect, isDeepStrictEqual } from 'node:util';

import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { Bytes } from '../../../src/bytes.ts';
import { packValues, unpackValues } from '../../../src/shuffle/file/value-codec.ts';
import { snapshot } from '../../../src/shuffle/values.ts';

/** Names that mean something to JavaScript, to JSON or to the codec. */
const NAMES =
  '__proto__ __proto_ __keys__ constructor prototype toJSON hasOwnProperty toString valueOf then length id $ref $id read read0 highByte isShared name size 0 1 10 2 -1 1.5 4294967295 ü 😀'
    .split(' ')
    .concat('', 'a b');

const scalar = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc
    .oneof(fc.integer(), fc.double(), fc.constantFrom(NaN, Infinity, -Infinity, 2 ** 53, 2 ** 32, 1e300, 5e-324))
    .map((value) => (value === 0 ? 0 : value)),
  fc.bigInt(),
  fc.bigInt({ min: -(2n ** 700n), max: 2n ** 700n }),
  fc.constantFrom(2n ** 63n, -(2n ** 63n), 2n ** 64n, -(2n ** 64n), 2n ** 64n - 1n, 2n ** 70000n, -(2n ** 70000n)),
  fc.boolean(),
  fc.constantFrom(null, undefined),
  fc.date({ noInvalidDate: false }),
);
const bytes = fc.oneof(
  fc.int8Array(),
  fc.uint8Array(),
  fc.uint8ClampedArray(),
  fc.int16Array(),
  fc.uint16Array(),
  fc.int32Array(),
  fc.uint32Array(),
  fc.float32Array(),
  fc.float64Array(),
  fc.bigInt64Array(),
  fc.bigUint64Array(),
  fc.uint8Array().map((array) => Buffer.from(array)),
  fc.uint8Array().map((array) => Uint8Array.from(array).buffer),
  fc.uint8Array().map((array) => new DataView(Uint8Array.from(array).buffer)),
  fc.uint8Array({ minLength: 3 }).map((array) => array.subarray(1, -1)),
);
const name = fc.oneof(fc.constantFrom(...NAMES), fc.string({ unit: 'binary', maxLength: 4 }));

/** Like Vitest's own comparison, but not misled by the names of fields. */
function expectSame(found: unknown, wanted: unknown): void {
  if (!isDeepStrictEqual(found, wanted))
    expect.fail(`expected ${inspect(wanted, false, 9)}, found ${inspect(found, false, 9)}`);
}

/** An object with fields of any names, which may be without a prototype. */
function objectOf(entries: readonly (readonly [string, unknown])[], hasPrototype: boolean): object {
  const object = hasPrototype ? {} : (Object.create(null) as object);
  for (const [key, value] of entries) {
    Object.defineProperty(object, key, { value, enumerable: true, writable: true, configurable: true });
  }
  return object;
}

/** Every kind of data. */
const data = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    scalar,
    bytes,
    fc.array(tie('value'), { maxLength: 4 }),
    fc
      .array(fc.tuple(fc.oneof(scalar, tie('value')), tie('value')), { maxLength: 4 })
      .map((entries) => new Map(entries)),
    fc.array(fc.oneof(scalar, tie('value')), { maxLength: 4 }).map((values) => new Set(values)),
    fc
      .tuple(fc.array(fc.tuple(name, tie('value')), { maxLength: 5 }), fc.boolean())
      .map(([entries, has]) => objectOf(entries, has)),
  ),
})).value;

test('data is unchanged in a snapshot and after packing, however it is nested and named', () => {
  fc.assert(
    fc.property(fc.array(data, { maxLength: 8 }), (values) => {
      const taken = values.map(snapshot);
      expectSame(taken, values);
      expectSame(unpackValues(packValues(taken)), values);
      // When a spill is merged, its values are packed again.
      expectSame(unpackValues(packValues(unpackValues(packValues(taken)))), values);
    }),
    { numRuns: 400 },
  );
});

test.for(NAMES)('a field may have the name %j, before and after others', (field) => {
  const odd = objectOf([[field, { deep: objectOf([[field, 1]], true) }]], true);
  const values = [{}, { a: 1 }, odd, {}, [odd, { a: 2 }], { [field === 'a' ? 'b' : 'a']: odd }, {}];
  const taken = values.map(snapshot);
  expectSame(taken, values);
  expectSame(unpackValues(packValues(taken)), values);
  expect(Object.keys((unpackValues(packValues(taken)) as object[])[2]!)).toEqual([field]);
});

test('thousands of objects, each with different fields, come back', () => {
  const values = Array.from({ length: 5000 }, (_, at) => ({
    [`field ${at % 900}`]: at,
    [`other ${at % 7}`]: [{ at }],
  }));
  expect(unpackValues(packValues(values))).toEqual(values);
});

test('a snapshot is of the moment when it was taken, and shares nothing with the value', () => {
  const shared = [1];
  const buffer = Buffer.from('abc');
  const value = { list: shared, again: shared, map: new Map([['a', { n: 1 }]]), set: new Set([shared]), buffer };
  const before = snapshot(value) as typeof value;
  shared.push(2);
  value.map.get('a')!.n = 2;
  buffer.fill(0);
  expect(before).toEqual({
    list: [1],
    again: [1],
    map: new Map([['a', { n: 1 }]]),
    set: new Set([[1]]),
    buffer: Buffer.from('abc'),
  });
});

test('a getter is replaced by the value that it has at that moment', () => {
  let count = 0;
  const value = {
    get n() {
      return ++count;
    },
  };
  expect([snapshot(value), snapshot(value)]).toEqual([{ n: 1 }, { n: 2 }]);
});

test.for([
  [
    'half a surrogate pair is U+FFFD, as in UTF-8',
    ['a\ud800b', ['\ud800'], { '\ud800': '\udfff' }],
    ['a\ufffdb', ['\ufffd'], { '\ufffd': '\ufffd' }],
  ],
  ['a zero has no sign', [-0, [-0], { a: -0 }, new Map([[1, -0]])], [0, [0], { a: 0 }, new Map([[1, 0]])]],
] as const)('%s', ([, values, wanted]) => {
  const taken = values.map(snapshot);
  expectSame(taken, wanted);
  expectSame(unpackValues(packValues(taken)), wanted);
});

class Place {
  readonly at = 1;
  readonly #hidden = 2;
  get both(): number {
    return this.at + this.#hidden;
  }
}
class Rows extends Array<number> {}
const cyclic: Record<string, unknown> = { name: 'a' };
cyclic['self'] = [cyclic];
const deep = JSON.parse(`${'['.repeat(3000)}${']'.repeat(3000)}`) as unknown;
function argumentsOf(..._values: readonly number[]): unknown {
  return arguments;
}

/** Values that are not data, and how messages name them. */
const REFUSED: readonly (readonly [unknown, string])[] = [
  [() => {}, 'a function'],
  [Place, 'the function Place'],
  [Symbol('a'), 'a symbol'],
  [Promise.resolve(1), 'a promise: await it first'],
  // oxlint-disable-next-line unicorn/no-thenable -- this is what the test is about
  [{ then: () => {} }, 'the function then at value.then'],
  [new Bytes(Buffer.from('a')), 'Bytes: take its toString()'],
  [new Place(), 'an instance of Place: give its fields as a plain object, such as { ...it }'],
  [Rows.from([1]), 'an array of 1 element'],
  [Object.create({ a: 1 }), 'an object whose prototype is another object'],
  [/a/g, 'a RegExp'],
  [new Error('boom'), 'an error ("boom")'],
  [new (class extends Map {})(), 'a Map'],
  [new WeakMap(), 'an instance of WeakMap'],
  [new URL('http://a/'), 'an instance of URL'],
  [new Number(1), 'a boxed number'],
  [new String('a'), 'a boxed string'],
  [new Boolean(false), 'a boxed boolean'],
  [Object(1n), 'a boxed bigint'],
  [Object(Symbol('a')), 'a boxed symbol'],
  [argumentsOf(1, 2), 'the arguments of a function'],
  ['a1'.match(/(?<letter>a)/), 'what a regular expression has matched'],
  // oxlint-disable-next-line no-sparse-arrays -- this is what the test is about
  [[1, , 3], 'a hole in an array at value[1]'],
  [Array(3), 'a hole in an array at value[0]'],
  [{ [Symbol('a')]: 1 }, 'a field whose name is a symbol'],
  [Math, 'a field whose name is a symbol'],
  [cyclic, 'an object that contains itself at value.self[0]'],
  [deep, 'values nested more than 500 deep'],
  [new Float16Array(2), 'a Float16Array'],
  [new (class Own extends Uint8Array {})(2), 'an Own'],
  [new SharedArrayBuffer(2), 'an instance of SharedArrayBuffer'],
  [[1, 2][Symbol.iterator](), 'an iterator: take [...iterator]'],
  [{ '\ud800': 1, '\udfff': 2 }, 'two fields whose names are the same as UTF-8'],
  [
    new Map([
      ['\ud800', 1],
      ['\udfff', 2],
    ]),
    'a Map of which two keys are the same as UTF-8',
  ],
];

test('a value that is not data is a TypeError that names it and where it is', () => {
  for (const [value, what] of REFUSED) {
    expect.soft(() => snapshot(value)).toThrow(TypeError);
    expect.soft(() => snapshot(value)).toThrow(`expected data as a value, found ${what}`);
  }
  for (const [value] of REFUSED) {
    for (const inside of [[1, value], { a: { b: value } }, new Map([['k', value]]), new Set([value]), [[[value]]]]) {
      expect.soft(() => snapshot(inside)).toThrow(TypeError);
    }
  }
  const found = 'expected data as a value, found a promise at value.list[2]["a b"]: await it first';
  expect(() => snapshot({ list: [1, 2, { 'a b': Promise.resolve(1) }] })).toThrow(found);
});
