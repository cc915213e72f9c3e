import { expect, test } from 'vitest';

import { sum } from '../../src/reducers.ts';

test('a sum adds up what there is, nothing to zero', () => {
  expect([sum('key', [1, 2, 3.5, -1]), sum('key', new Set([4]).values()), sum('key', [])]).toEqual([5.5, 4, 0]);
});
