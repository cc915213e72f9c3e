import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { valueBytes } from '../../../src/shuffle/value-size.ts';

test.for([
  ['a number', 1, 8],
  ['a boolean', true, 8],
  ['nothing', undefined, 8],
  ['null', null, 8],
  ['a text', 'abc', 32 + 6],
  ['a list of numbers', [1, 2, 3], 32 + 3 * 16],
  ['bytes', new Uint8Array(1000), 1032],
  ['a typed array', new Float64Array(100), 832],
] as const)('%s takes as much memory as its parts', ([, value, bytes]) => {
  expect(valueBytes(value)).toBe(bytes);
});

test('a list takes at least as much memory as its parts together', () => {
  fc.assert(
    fc.property(fc.array(fc.jsonValue()), (parts) => {
      expect(valueBytes(parts)).toBeGreaterThanOrEqual(parts.reduce<number>((sum, part) => sum + valueBytes(part), 0));
    }),
  );
});

test('a long text is counted wherever it is in the value', () => {
  const text = 'x'.repeat(1000);
  for (const value of [[text], [[text]], { text }, { list: [{ text }] }]) {
    expect(valueBytes(value)).toBeGreaterThanOrEqual(2000);
  }
});

test('a value that contains itself has a size', () => {
  const cyclic: { self?: unknown } = {};
  cyclic.self = cyclic;
  expect(valueBytes(cyclic)).toBeGreaterThan(0);
});

test('a list nested ten thousand deep has a size', () => {
  let nested: unknown = 1;
  for (let depth = 0; depth < 10_000; depth++) nested = [nested];
  expect(valueBytes(nested)).toBeGreaterThan(0);
});

test('the names of fields are counted', () => {
  expect(valueBytes({ ['x'.repeat(1000)]: 1 })).toBeGreaterThanOrEqual(1000);
});

test('an object that is reached in many ways is counted once', () => {
  let shared: unknown = 1;
  for (let depth = 0; depth < 15; depth++) shared = { left: shared, right: shared };
  expect(valueBytes(shared)).toBeLessThan(10_000);
});
