import { expect, test } from 'vitest';

import { HottestKeys } from '../../../../src/view/rows/hottest-keys.ts';

test('the weights that map tasks report for a key add up, and another output of a task replaces the one before', () => {
  const keys = new HottestKeys();
  keys.commit(0, [
    ['the', 5],
    ['a', 3],
  ]);
  keys.commit(1, [
    ['the', 2],
    ['of', 4],
  ]);
  keys.commit(0, [['the', 1]]);
  expect(keys.top).toEqual([
    { key: 'of', weight: 4 },
    { key: 'the', weight: 3 },
  ]);
});

test('of very many keys the heaviest are kept', () => {
  const keys = new HottestKeys();
  for (let map = 0; map < 10_000; map++)
    keys.commit(map, [
      [`rare ${map}`, 1],
      ['hot', 10],
    ]);
  expect(keys.top[0]).toEqual({ key: 'hot', weight: 100_000 });
});
