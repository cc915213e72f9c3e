import { expect, test } from 'vitest';

import { foldOf, max, min, sum } from '../../src/reducers.ts';

test('a sum adds up what there is, nothing to zero', () => {
  expect([sum('key', [1, 2, 3.5, -1]), sum('key', new Set([4]).values()), sum('key', [])]).toEqual([5.5, 4, 0]);
});

test('the smallest and the largest of what there is', () => {
  expect([min('key', [3, -1, 2]), max('key', [3, -1, 2]), min('key', [7])]).toEqual([-1, 3, 7]);
});

test('a reducer of numbers says how it folds two, and another function does not', () => {
  expect(foldOf(sum)?.(2, 3)).toBe(5);
  expect(foldOf(() => 1)).toBeUndefined();
  expect(foldOf(undefined)).toBeUndefined();
});
