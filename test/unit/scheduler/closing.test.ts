import { expect, test } from 'vitest';

import type { Event } from '../../../src/scheduler/events.ts';
import {
  chunksWritten,
  committed,
  done,
  lost,
  ready,
  SMALL,
  succeeded,
  ticked,
  Told,
} from '../../fixtures/told-run.ts';

const verified: Event = { type: 'outputs-verified' };
const published: Event = { type: 'published' };
const interrupted: Event = { type: 'interrupted', signal: 'SIGINT' };
const limits = { ...SMALL, workerCount: 1 };

function lostOutput(task: 0 | 1): Event {
  return { type: 'output-lost', task: `reduce-${task}`, message: `out-${task}: expected 9 bytes, found 8` };
}

function notCommitted(attempt: `reduce-${number}.${number}` | `map-${number}.${number}`): Event {
  return { type: 'commit-failed', attempt, message: 'expected a file, found none' };
}

/** One map task and two reduce tasks on one worker, all of them committed. */
function committedRun(): Told {
  const told = new Told({ mapCount: 1, reduceCount: 2, workerCount: 1, maxRespawns: 1 });
  told.tell(chunksWritten, ready(1), ...done('map-0.1'), ...done('reduce-0.1'));
  expect(told.tell(...done('reduce-1.1'))).toEqual(['verify reduce-0 reduce-1']);
  return told;
}

test('an output that is not what was committed is made again at once, and then all are verified once more', () => {
  const told = committedRun();
  expect(told.tell(lostOutput(0))).toEqual(['discard reduce-0', 'start reduce-0.2 on 1']);
  expect(told.tell(...done('reduce-0.2'))).toEqual([]);
  expect(told.tell(verified)).toEqual(['verify reduce-0 reduce-1']);
  expect(told.tell(verified)).toEqual(['publish']);
  expect(told.tell(published)).toEqual(['end done']);
});

test('an output that is lost again and again fails the run', () => {
  const told = committedRun();
  for (let attempt = 2; attempt <= 5; attempt++) {
    told.tell(lostOutput(0), verified);
    expect(told.tell(...done(`reduce-0.${attempt}`))).toEqual(['verify reduce-0 reduce-1']);
  }
  expect(told.tell(lostOutput(0))).toEqual(['end failed: damaged-again, reduce-0']);
});

test('results are published once, however much time passes and whatever else happens meanwhile', () => {
  const told = committedRun();
  expect(told.tell(published)).toEqual([]);
  expect(told.tell(verified)).toEqual(['publish']);
  for (const event of [ticked, verified, interrupted]) expect(told.tell(event)).toEqual([]);
  expect(told.tell(lost(1))).toEqual(['respawn 1 (1) after 0']);
  expect(told.tell(lost(1))).toEqual([]);
  expect(told.tell(published)).toEqual(['end done']);
});

test('a run that is asked to stop while its results are published stops if one of them is lost', () => {
  const told = committedRun();
  expect(told.tell(verified)).toEqual(['publish']);
  expect(told.tell(interrupted)).toEqual([]);
  expect(told.tell(lostOutput(1))).toEqual(['discard reduce-1', 'end interrupted']);
});

test('a run that is asked to stop before its results are published stops', () => {
  expect(committedRun().tell(interrupted)).toEqual(['end interrupted']);
});

test('a run whose last worker is lost when only a commit is missing fails only if that fails', () => {
  const start = (): Told => {
    const told = new Told({ mapCount: 1, reduceCount: 1, workerCount: 1, maxRespawns: 0 });
    told.tell(chunksWritten, ready(1), ...done('map-0.1'), succeeded('reduce-0.1'));
    expect(told.tell(lost(1))).toEqual([]);
    return told;
  };
  expect(start().tell(committed('reduce-0.1'), verified, published)).toEqual(['end done']);
  expect(start().tell(notCommitted('reduce-0.1'))).toEqual(['end failed: workers-used-up, reduce-0 on 1']);
  const isLost = start().tell(committed('reduce-0.1'), lostOutput(0));
  expect(isLost).toEqual(['discard reduce-0', 'end failed: workers-used-up, reduce-0 on 1']);
});

test('another driver completes the publication that the one before had begun', () => {
  const told = committedRun();
  told.tell(verified);
  expect(told.tell({ type: 'driver-resumed', limits })).toEqual(['verify map-0 reduce-0 reduce-1']);
  expect(told.scheduler.state.closing.publication).toBe('broken-off');
  expect(told.tell(chunksWritten, verified)).toEqual(['publish']);
  expect(told.tell(published)).toEqual(['end done']);
});

test('an attempt without its file has failed, and its task is tried again', () => {
  const told = new Told({ mapCount: 1, workerCount: 1, maxAttempts: 3 });
  told.tell(chunksWritten, ready(1), succeeded('map-0.1'));
  expect(told.tell(notCommitted('map-0.1'))).toEqual(['start map-0.2 on 1']);
  expect(told.tell(notCommitted('map-0.2'))).toEqual([]);
  told.tell(succeeded('map-0.2'));
  expect(told.tell(notCommitted('map-0.2'))).toEqual(['start map-0.3 on 1']);
  expect(told.scheduler.state.tasks.map[0]!.failures).toBe(2);
  told.tell(succeeded('map-0.3'));
  expect(told.tell(notCommitted('map-0.3'))).toEqual(['end failed: attempts-used-up, map-0 on 1']);
});

test('a worker that repeatedly reports success without a file is set aside, unless a commit clears it', () => {
  const told = new Told({ mapCount: 20, maxAttempts: 99 });
  told.tell(chunksWritten, ready(1), ready(2), ...done('map-1.1'));
  const liar = (): string | undefined => told.scheduler.state.workers.get(1)?.state;
  for (let failure = 1; failure <= 4; failure++) {
    const attempt = told.scheduler.state.workers.get(1)!.attempt!;
    told.tell(succeeded(attempt));
    expect(liar()).toBe('busy');
    told.tell({ type: 'commit-failed', attempt, message: 'none' });
  }
  expect(liar()).toBe('busy');
  told.tell(succeeded(told.scheduler.state.workers.get(1)!.attempt!));
  expect(liar()).toBe('set-aside');
});
