import { expect, test } from 'vitest';

import { drive } from '../../../src/driver/drive.ts';
import type { Effects } from '../../../src/driver/effects.ts';
import { InvariantError } from '../../../src/errors.ts';
import type { Event } from '../../../src/scheduler/events.ts';

const options = { mapCount: 2, reduceCount: 2, workerCount: 1, maxAttempts: 2, maxRespawns: 1 };
const report = { recordsIn: 0, bytesIn: 0, recordsOut: 0, bytesOut: 0, spills: 0, counters: [] };

test('commands become effects, effects report events, to the end', async () => {
  const done: string[] = [];
  const driven = drive(
    options,
    (tell): Effects => ({
      respawnWorker: () => {},
      startAttempt: (attempt) => {
        done.push(attempt);
        queueMicrotask(() => tell({ type: 'attempt-succeeded', attempt, report }));
      },
      // At once, as the file system does: the event comes while the one before is still at work.
      commit: (attempt) => tell({ type: 'task-committed', attempt }),
    }),
    () => {},
  );
  driven.report({ type: 'chunks-written' });
  driven.report({ type: 'worker-ready', worker: 1, url: 'http://1', pid: 1 });
  expect(await driven.outcome).toEqual({ state: 'done' });
  expect(done).toEqual(['map-0.1', 'map-1.1', 'reduce-0.1', 'reduce-1.1']);
  expect(driven.state.phase).toBe('ended');
});

test('an observer sees each event with its commands, before they are obeyed', () => {
  const seen: string[] = [];
  const driven = drive(
    options,
    (): Effects => ({ respawnWorker: () => {}, startAttempt: () => void seen.push('obeyed'), commit: () => {} }),
    (event, commands, state) => void seen.push(`${event.type}: ${commands.length} commands in ${state.phase}`),
  );
  driven.report({ type: 'worker-ready', worker: 1, url: 'http://1', pid: 1 });
  driven.report({ type: 'chunks-written' });
  expect(seen).toEqual(['worker-ready: 0 commands in chunk', 'chunks-written: 1 commands in map', 'obeyed']);
});

test('what an effect throws ends the run as a bug of our own, with the event', async () => {
  const driven = drive(
    options,
    (): Effects => ({
      respawnWorker: () => {},
      startAttempt: () => {
        throw new Error('boom');
      },
      commit: () => {},
    }),
    () => {},
  );
  const outcome = expect(driven.outcome).rejects.toThrow(InvariantError);
  const events: Event[] = [{ type: 'chunks-written' }, { type: 'worker-ready', worker: 1, url: 'http://1', pid: 1 }];
  for (const event of events) driven.report(event);
  await outcome;
  await expect(driven.outcome).rejects.toThrow('worker-ready');
});
