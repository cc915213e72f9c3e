import { expect, test } from 'vitest';

import { MOST_COUNTERS } from '../../../src/protocol.ts';
import { MOST_NAMES } from '../../../src/scheduler/counter-names.ts';
import { chunksWritten, ready, succeeded, Told } from '../../fixtures/told-run.ts';

function counters(from: number, count: number): [string, number][] {
  return Array.from({ length: count }, (_, at) => [`c${from + at}`, 1]);
}

test('a run may have as many counters as one attempt', () => {
  expect(MOST_NAMES).toBe(MOST_COUNTERS);
});

test('an attempt whose counters are too many for the run fails, and one with known counters does not', () => {
  const told = new Told({ mapCount: 3, workerCount: 1, maxAttempts: 2 });
  told.tell(chunksWritten, ready(1));
  expect(told.tell(succeeded('map-0.1', { counters: counters(0, 999) }))[0]).toBe('commit map-0.1');
  expect(told.tell(succeeded('map-1.1', { counters: counters(998, 3) }))).toEqual(['start map-1.2 on 1']);
  expect(told.tell(succeeded('map-1.2', { counters: counters(998, 2) }))[0]).toBe('commit map-1.2');
  told.tell(succeeded('map-2.1', { counters: counters(2000, 1) }));
  expect(told.tell(succeeded('map-2.2', { counters: counters(2000, 1) }))).toEqual([
    'end failed: attempts-used-up, map-2 on 1',
  ]);
});
