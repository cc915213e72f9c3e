import { expect, test } from 'vitest';

import { foldOf, max, min, sum } from '../../src/reducers.ts';

test('sum adds up all values, and returns zero for no values', () => {
  expect([sum('key', [1, 2, 3.5, -1]), sum('key', new Set([4]).values()), sum('key', [])]).toEqual([5.5, 4, 0]);
});

test('min and max return the smallest and the largest value', () => {
  expect([min('key', [3, -1, 2]), max('key', [3, -1, 2]), min('key', [7])]).toEqual([-1, 3, 7]);
});

test('min and max throw if there are no values', () => {
  expect(() => min('the key', [])).toThrow('min of key "the key": expected a number, found none');
  expect(() => max('the key', [])).toThrow('max of key "the key": expected a number, found none');
});

test.for<[string, unknown]>([
  ['the text "12"; emit Number(value)', '12'],
  ['the text "a"', 'a'],
  ['undefined', undefined],
  ['null', null],
  ['the bigint 5n; emit Number(value)', 5n],
  ['true', true],
  ['an object', { n: 1 }],
  ['an array of 1 element', [1]],
])('a value that is not a number is a TypeError that names the key: %s', ([found, value]) => {
  for (const [name, reducer] of Object.entries({ sum, min, max })) {
    for (const values of [[value], [1, value], [value, 1]]) {
      const wanted = `${name} of key "the key": expected numbers, found ${found}`;
      expect(() => reducer('the key', values as number[])).toThrow(new TypeError(wanted));
    }
  }
});

test('a reducer of numbers has a fold function, and any other function does not', () => {
  expect(foldOf(sum)?.(2, 3)).toBe(5);
  expect(foldOf(() => 1)).toBeUndefined();
  expect(foldOf(undefined)).toBeUndefined();
});
