import { expect, test } from 'vitest';

import { momentOf } from '../../../src/view/moment.ts';
import { ratesOf, remainingMs } from '../../../src/view/remaining-time.ts';
import { waitingText } from '../../../src/view/waiting.ts';
import { chunksWritten, done, ready } from '../../fixtures/told-run.ts';
import { ToldView } from '../../fixtures/told-view.ts';
import { troubledRun } from '../../fixtures/troubled-run.ts';

test('rates are of the last seconds, and the remaining time assumes that tasks take as long as those before', () => {
  const { record } = troubledRun().view;
  expect(ratesOf(momentOf(record, 2000)).bytes).toBeCloseTo((1000 + (2000 * 500) / 1500) / 2, -1);
  expect(remainingMs(momentOf(record, 1000))).toBeUndefined();
  expect(remainingMs(momentOf(record, 2500))).toBe(1800 - 1000);
});

test('before any task has ended, the remaining time follows from the pace at which attempts read', () => {
  const run = new ToldView()
    .tell(0, { type: 'chunks-written', bytes: [1000, 1000] }, ready(1))
    .tell(2000, { type: 'attempt-progressed', attempt: 'map-0.1', records: 1, bytes: 250 });
  const slow = new ToldView()
    .tell(0, { type: 'chunks-written', bytes: [1000, 1000] }, ready(1))
    .tell(2000, { type: 'attempt-progressed', attempt: 'map-0.1', records: 1, bytes: 0 });
  expect(remainingMs(momentOf(slow.view.record, 2500))).toBeUndefined();
  const stillThere = { type: 'attempt-progressed', attempt: 'map-0.1', records: 1, bytes: 250 } as const;
  const left = (ms: number): number | undefined => remainingMs(momentOf(run.view.record, ms));
  // 6 s for the rest of this one, then 8 s for the other.
  expect(left(2000)).toBe(6000 + 8000);
  expect(left(3000)).toBe(5000 + 8000);
  run.tell(6900, stillThere);
  expect(left(7000)).toBeUndefined();
});

test('a reduce attempt has a share of its partition that it has read', () => {
  const run = new ToldView({ mapCount: 1 })
    .tell(0, chunksWritten, ready(1), ready(2))
    .tell(1000, ...done('map-0.1', { partitionBytes: [800], bytesOut: 800 }))
    .tell(3000, { type: 'attempt-progressed', attempt: 'reduce-0.1', records: 9, bytes: 200 });
  const { record } = run.view;
  expect(record.attempts.at(-1)).toMatchObject({ id: 'reduce-0.1', wholeBytes: 800, bytes: 200 });
  const moment = momentOf(record, 3000);
  expect(moment.phases.reduce.bytesIn).toBe(200);
  expect(remainingMs(moment)).toBe(6000);
  expect(waitingText(moment)).toBe('The run waits for reduce-0.1 on worker 2, running for 2.0 s, 25 % read.');
});
