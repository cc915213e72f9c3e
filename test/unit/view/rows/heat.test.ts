import { expect, test } from 'vitest';

import { Heat } from '../../../../src/view/rows/heat.ts';

test('a cell has the bytes that the newest output of a map task has for a partition', () => {
  const heat = new Heat(2, 3);
  heat.commit(0, [1, 2, 3]);
  heat.commit(1, [4, 5, 6]);
  heat.commit(0, [10, 20, 30]);
  expect(heat.grid.cells).toEqual([
    [10, 20, 30],
    [4, 5, 6],
  ]);
  heat.discard(1);
  expect(heat.grid.cells[1]).toEqual([0, 0, 0]);
});

test('a million pairs of tasks share a small grid, and nothing is lost', () => {
  const heat = new Heat(1000, 1000);
  for (let map = 0; map < 1000; map++)
    heat.commit(
      map,
      Array.from({ length: 1000 }, (_, partition) => partition % 2),
    );
  expect([heat.grid.rowCount, heat.grid.columnCount]).toEqual([128, 128]);
  expect(heat.grid.cells.flat().reduce((sum, bytes) => sum + bytes, 0)).toBe(1000 * 500);
});

test('only rows that have changed are returned', () => {
  const heat = new Heat(3, 1);
  heat.commit(2, [7]);
  expect(heat.takeChanges()).toEqual([[2, [7]]]);
  expect(heat.takeChanges()).toEqual([]);
});
