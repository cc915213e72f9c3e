import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { newRunId } from '../../../src/driver/plan-run.ts';

const NOON = Date.UTC(2026, 0, 31, 12, 0, 0);

test('the id of a run begins with its second', () => {
  expect(newRunId(undefined, NOON + 999)).toMatch(/^20260131T120000Z-[0-9a-f]{6}$/);
});

test('the id of a run is greater than the one before, even in the same second, or if the clock is set back', () => {
  fc.assert(
    fc.property(fc.integer({ min: -100_000, max: 100_000 }), (ms) => {
      const ids = [newRunId(undefined, NOON)];
      for (let run = 0; run < 5; run++) ids.push(newRunId(ids.at(-1), NOON + ms * run));
      expect(ids.toSorted()).toEqual(ids);
      expect(new Set(ids).size).toBe(ids.length);
      for (const id of ids) expect(id).toMatch(/^\d{8}T\d{6}Z-[0-9a-f]{6}$/);
    }),
  );
});
