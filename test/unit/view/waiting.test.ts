import { expect, test } from 'vitest';

import { momentOf } from '../../../src/view/moment.ts';
import { remainingMs } from '../../../src/view/remaining-time.ts';
import { waitingText } from '../../../src/view/waiting.ts';
import { chunksWritten, done, ready } from '../../fixtures/told-run.ts';
import { ToldView } from '../../fixtures/told-view.ts';
import { troubledRun } from '../../fixtures/troubled-run.ts';

test('a sentence says what the run waits for', () => {
  const run = troubledRun();
  const at = (ms: number): string => waitingText(momentOf(run.view.record, ms));
  expect(at(50)).toBe('Map tasks wait for the chunks to be written.');
  expect(at(1200)).toBe(
    '1 map task waits for a free worker; the oldest attempt is map-1.1 on worker 2, running for 1.0 s.',
  );
  expect(at(2500)).toBe('1 reduce task waits for map-0.2 on worker 1, running for 1.0 s.');
  expect(at(6000)).toBe('Done: nothing is left to wait for.');
});

test('the sentence names a silent worker, and the time until it is given up', () => {
  const run = new ToldView().tell(100, chunksWritten, ready(1), ready(2)).tell(1000, ...done('map-0.1'));
  const { record } = run.view;
  expect(waitingText(momentOf(record, 4100))).toBe(
    '1 reduce task waits for map-1.1 on worker 2, silent for 4.0 s, given up in 6.0 s.',
  );
  expect(remainingMs(momentOf(record, 4100))).toBeUndefined();
});

test('the sentence names an attempt that stands still, and the backup beside it', () => {
  const run = new ToldView({ mapCount: 3 })
    .tell(0, { type: 'chunks-written', bytes: [10, 10, 10] }, ready(1), ready(2))
    .tell(100, ...done('map-0.1', { bytesIn: 10 }), ...done('map-1.1', { bytesIn: 10 }))
    .tell(9000, { type: 'attempt-progressed', attempt: 'map-2.1', records: 0, bytes: 0 })
    .tell(9000, { type: 'ticked' });
  const { record } = run.view;
  const { worker } = record.attempts.find(({ id }) => id === 'map-2.2')!;
  expect(waitingText(momentOf(record, 9100))).toBe(
    `1 reduce task waits for map-2.1 on worker ${3 - worker}, without progress for 9.0 s, given up in 9 min 51 s, ` +
      `a second attempt runs on worker ${worker}.`,
  );
});
