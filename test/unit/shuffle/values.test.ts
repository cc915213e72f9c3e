import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { Bytes } from '../../../src/bytes.ts';
import { packValues, snapshot, unpackValues } from '../../../src/shuffle/values.ts';

const scalar = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.oneof(fc.integer(), fc.double()).map((value) => (value === 0 ? 0 : value)),
  fc.bigInt(),
  fc.boolean(),
  fc.constantFrom(null, undefined),
  fc.date({ noInvalidDate: true }),
);
const data = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    scalar,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.array(fc.tuple(fc.string(), tie('value')), { maxLength: 4 }).map((entries) => new Map(entries)),
    fc.array(scalar, { maxLength: 4 }).map((values) => new Set(values)),
    fc.dictionary(
      fc.string({ maxLength: 4 }).filter((name) => name !== '__proto__'),
      tie('value'),
      { maxKeys: 4, noNullPrototype: true },
    ),
  ),
})).value;

test('data comes back as it was packed, however it is nested', () => {
  fc.assert(
    fc.property(fc.array(data, { maxLength: 10 }), (values) => {
      expect(unpackValues(packValues(values))).toEqual(values);
      expect(values.map(snapshot)).toEqual(values);
    }),
    { numRuns: 300 },
  );
});

test('thousands of objects, each with fields of its own, come back', () => {
  const values = Array.from({ length: 5000 }, (_, at) => ({ [`field ${at}`]: at, [`other ${at % 7}`]: [{ at }] }));
  expect(unpackValues(packValues(values))).toEqual(values);
});

test('a snapshot of a flat value is what would come out of a file', () => {
  const part = fc.oneof(scalar, fc.constantFrom(-0, NaN, 2 ** 53, 1e20, 'a\ud800', [], {}));
  const name = fc.oneof(fc.string({ maxLength: 3 }), fc.constantFrom('1', '__proto__', '\ud800'));
  const flat = fc.oneof(
    fc.array(part, { maxLength: 4 }),
    fc.sparseArray(part, { maxNumElements: 3 }),
    fc.dictionary(name, part, { maxKeys: 4 }),
    fc.dictionary(name, part, { maxKeys: 4, noNullPrototype: true }),
  );
  fc.assert(
    fc.property(flat, (value) => {
      const [unpacked] = unpackValues(packValues([value]));
      expect(snapshot(value)).toStrictEqual(unpacked);
      expect(Object.keys(snapshot(value) as object)).toEqual(Object.keys(unpacked as object));
    }),
    { numRuns: 500 },
  );
});

test('a snapshot is of its moment', () => {
  const value = { list: [1], map: new Map([['a', { n: 1 }]]) };
  const before = snapshot(value);
  value.list.push(2);
  value.map.get('a')!.n = 2;
  expect(before).toEqual({ list: [1], map: new Map([['a', { n: 1 }]]) });
});

test('a text with half a surrogate pair is what UTF-8 can say', () => {
  expect(snapshot('a\ud800b')).toBe('a\ufffdb');
});

test('what is no data is a TypeError', () => {
  for (const value of [() => {}, Symbol('a'), Promise.resolve(1), new Bytes(Buffer.from('a'))]) {
    expect(() => snapshot(value)).toThrow(TypeError);
  }
});
