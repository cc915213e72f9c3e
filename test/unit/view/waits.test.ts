import { expect, test } from 'vitest';

import type { Event, SchedulerOptions } from '../../../src/scheduler/events.ts';
import { waitText } from '../../../src/view/waits.ts';
import { chunksWritten, done, lost, ready, Told } from '../../fixtures/told-run.ts';

function wait(
  nowMs: number,
  options: Partial<SchedulerOptions>,
  ...events: readonly (Event | number)[]
): string | undefined {
  const told = new Told({ backup: false, ...options });
  told.tell(...events);
  return waitText(told.scheduler.state, nowMs);
}

const progress = (records: number): Event => ({
  type: 'attempt-progressed',
  attempt: 'map-0.1',
  records,
  bytes: records,
});

test('before there are chunks, map waits for them', () => {
  expect(wait(0, {}, ready(1))).toBe('map waits for its chunks');
});

test('tasks wait for workers that start, by name where it is one', () => {
  expect(wait(0, {}, chunksWritten)).toBe('map-0 and 1 other task wait for 2 workers to start');
  expect(wait(0, { mapCount: 1, workerCount: 1 }, chunksWritten)).toBe('map-0 waits for worker 1 to start');
});

test('tasks wait for a worker that is free', () => {
  expect(wait(0, {}, chunksWritten, ready(1))).toBe('map-1 waits for a worker that is free');
});

test('reduce waits for the last map task, and says how long its worker has been silent', () => {
  const events = [chunksWritten, ready(1), ...done('map-0.1')];
  expect(wait(4000, {}, ...events)).toBe('reduce-0 waits for map-1 on worker 1, silent for 4 s');
  expect(wait(1500, { reduceCount: 2 }, ...events, 1000, { ...progress(1), attempt: 'map-1.1' } as Event)).toBe(
    'reduce waits for map-1 on worker 1, running for 2 s',
  );
});

test('of several attempts, the one that is silent is named', () => {
  const events = [chunksWritten, ready(1), ready(2)];
  expect(wait(4000, {}, ...events, 3500, progress(1))).toBe(
    'reduce-0 waits for map-1 on worker 2, silent for 4 s, and for 1 other attempt',
  );
});

test('an attempt that speaks but does nothing stands still', () => {
  const events = [chunksWritten, ready(1), ...done('map-0.1'), 2000, { ...progress(9), attempt: 'map-1.1' } as Event];
  expect(wait(9500, {}, ...events, 9000, { ...progress(9), attempt: 'map-1.1' } as Event)).toBe(
    'reduce-0 waits for map-1 on worker 1, without progress for 8 s',
  );
});

test('at the end the output waits for the last reduce task', () => {
  const events = [chunksWritten, ready(1), ...done('map-0.1'), ...done('map-1.1')];
  expect(wait(1000, {}, ...events)).toBe('the output waits for reduce-0 on worker 1, running for 1 s');
  expect(wait(1000, {}, ...events, ...done('reduce-0.1'))).toBeUndefined();
});

test('a task whose worker was lost waits for the one that is started in its place', () => {
  expect(wait(0, { mapCount: 1, workerCount: 1 }, chunksWritten, ready(1), lost(1))).toBe(
    'map-0 waits for worker 1 to start',
  );
});
