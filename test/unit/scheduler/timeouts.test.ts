import { expect, test } from 'vitest';

import type { AttemptProgressed, Event } from '../../../src/scheduler/events.ts';
import { cancelled, chunksWritten, done, ready, ticked, Told } from '../../fixtures/told-run.ts';

const TIMEOUT_MS = 3000;

/** One map task, which has been running since 0. */
function oneTask(options: ConstructorParameters<typeof Told>[0] = {}): Told {
  const told = new Told({ mapCount: 1, workerCount: 1, taskTimeoutMs: TIMEOUT_MS, ...options });
  told.tell(chunksWritten, ready(1));
  return told;
}

function report(changes: Partial<AttemptProgressed> = {}): Event {
  return { type: 'attempt-progressed', attempt: 'map-0.1', records: 1, bytes: 10, steps: 5, ...changes };
}

/** Reports progress each second up to a time, each followed by a tick. Returns all decisions. */
function reportUntil(told: Told, fromMs: number, toMs: number, line: (at: number) => Event): string[] {
  const decided: string[] = [];
  for (let at = fromMs; at <= toMs; at += 1000) decided.push(...told.tell(at, line(at)), ...told.tell(ticked));
  return decided;
}

test('an attempt that reports no progress for the time of the timeout is cancelled, and not one report earlier', () => {
  const told = oneTask();
  told.tell(1000, report(), ticked);
  expect(reportUntil(told, 2000, 3000, () => report())).toEqual([]);
  expect(told.tell(4000, report(), ticked)).toEqual(['cancel map-0.1 on 1: timeout']);
  expect(told.tell(cancelled('map-0.1', 1))).toEqual(['start map-0.2 on 1']);
});

test.for([
  ['a record', { records: 2 }],
  ['bytes that were read', { bytes: 11 }],
  ['a step', { steps: 6 }],
] as const)('%s is progress', ([, more]) => {
  const told = oneTask();
  told.tell(1000, report(), ticked, 2000, report(), ticked, 3000, report(), ticked);
  expect(reportUntil(told, 4000, 6000, () => report(more))).toEqual([]);
  expect(told.tell(7000, report(more), ticked)).toEqual(['cancel map-0.1 on 1: timeout']);
});

test('with a timeout of 0 no attempt is ever cancelled, also after the limits went through a journal', () => {
  const told = oneTask(JSON.parse(JSON.stringify({ taskTimeoutMs: 0 })) as { taskTimeoutMs: number });
  expect(reportUntil(told, 1000, 1_000_000, () => report())).toEqual([]);
});

test('a worker that reports nothing is silent, which does not count as no progress', () => {
  const told = oneTask();
  told.tell(1000, report(), ticked, 2000, report(), ticked);
  // Stopped for a minute; it continues where it was.
  expect(told.tell(62_000, ticked)).toEqual([]);
  expect(told.tell(62_000, report(), ticked)).toEqual([]);
  expect(told.tell(63_000, report({ records: 2 }), ticked)).toEqual([]);
});

test('time in which the driver did not run counts against no attempt', () => {
  const told = oneTask();
  told.tell(1000, report(), ticked, 2000, report(), ticked);
  expect(told.tell(100_000, { type: 'driver-absent', ms: 97_750 }, ticked)).toEqual([]);
  // Reports that arrived meanwhile are read at once.
  for (let line = 0; line < 90; line++) expect(told.tell(report(), ticked)).toEqual([]);
  expect(told.tell(101_000, report(), ticked)).toEqual([]);
  expect(told.tell(102_000, report(), ticked)).toEqual(['cancel map-0.1 on 1: timeout']);
});

test('time in which the driver did not run does not make a task look slow, or show how long one takes', () => {
  const told = new Told({ mapCount: 3, workerCount: 3 });
  told.tell(chunksWritten, ready(1), ready(2), ready(3), 100, ...done('map-0.1'));
  told.tell(500, ticked, 60_500, { type: 'driver-absent', ms: 59_750 });
  expect(told.tell(ticked)).toEqual([]);
  // It took anything from half a second to a minute.
  told.tell(...done('map-1.1'));
  expect(told.tell(61_749, ticked)).toEqual([]);
  expect(told.tell(61_750, ticked)).toEqual(['start map-2.2 on 1 as backup']);
});
