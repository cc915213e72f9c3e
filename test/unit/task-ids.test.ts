import { expect, test } from 'vitest';

import { indexOf, kindOf, numberOf, taskOf } from '../../src/task-ids.ts';

test('the parts of an id are those that it was made of', () => {
  expect(['map-12', 'map-12.3', 'reduce-0', 'reduce-0.11'].map((id) => kindOf(id as 'map-1'))).toEqual([
    'map',
    'map',
    'reduce',
    'reduce',
  ]);
  expect(['map-12', 'map-12.3', 'reduce-0.11'].map((id) => indexOf(id as 'map-1'))).toEqual([12, 12, 0]);
  expect([numberOf('map-12.3'), numberOf('reduce-0.11')]).toEqual([3, 11]);
  expect([taskOf('map-12.3'), taskOf('reduce-0.11')]).toEqual(['map-12', 'reduce-0']);
});
