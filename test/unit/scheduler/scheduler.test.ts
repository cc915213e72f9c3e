import { expect, test } from 'vitest';

import type { Event, SchedulerOptions } from '../../../src/scheduler/events.ts';
import { Scheduler } from '../../../src/scheduler/scheduler.ts';
import {
  chunksWritten,
  committed,
  failed,
  lost,
  NOTHING,
  ready,
  SMALL,
  succeeded,
  Told,
} from '../../fixtures/told-run.ts';

const unreached = { message: 'nobody listens', reached: false };

function schedulerOf(options: Partial<SchedulerOptions>, ...before: Event[]): (...events: Event[]) => string[] {
  const told = new Told(options);
  told.tell(...before);
  return (...events) => told.tell(...events);
}

test('nothing starts before the chunks are written', () => {
  const tell = schedulerOf({});
  expect(tell(ready(1))).toEqual([]);
  expect(tell(ready(2))).toEqual([]);
  expect(tell(chunksWritten)).toEqual(['start map-0.1 on 1', 'start map-1.1 on 2']);
});

test('a worker that becomes ready takes the first task that waits', () => {
  const tell = schedulerOf({}, chunksWritten);
  expect(tell(ready(2))).toEqual(['start map-0.1 on 2']);
  expect(tell(ready(1))).toEqual(['start map-1.1 on 1']);
});

test('a worker gets the next task as soon as its attempt has ended, after the command to commit its file', () => {
  const tell = schedulerOf({ workerCount: 1 }, chunksWritten, ready(1));
  expect(tell(succeeded('map-0.1'))).toEqual(['commit map-0.1', 'start map-1.1 on 1']);
});

test('reduce tasks start when every map task is committed, not when its attempt has ended', () => {
  const tell = schedulerOf({ reduceCount: 2 }, chunksWritten, ready(1), ready(2));
  expect(tell(succeeded('map-0.1'))).toEqual(['commit map-0.1']);
  expect(tell(committed('map-0.1'))).toEqual([]);
  expect(tell(succeeded('map-1.1'))).toEqual(['commit map-1.1']);
  expect(tell(committed('map-1.1'))).toEqual(['start reduce-0.1 on 1', 'start reduce-1.1 on 2']);
});

test('the run is done when every reduce task is committed, its files are verified, and the results are in place', () => {
  const tell = schedulerOf({ mapCount: 1 }, chunksWritten, ready(1));
  tell(succeeded('map-0.1'), committed('map-0.1'));
  expect(tell(succeeded('reduce-0.1'))).toEqual(['commit reduce-0.1']);
  expect(tell(committed('reduce-0.1'))).toEqual(['verify reduce-0']);
  expect(tell({ type: 'outputs-verified' })).toEqual(['publish']);
  expect(tell({ type: 'published' })).toEqual(['end done']);
});

test('a failed attempt sends its task back to waiting, as the next attempt', () => {
  const tell = schedulerOf({ workerCount: 1 }, chunksWritten, ready(1));
  expect(tell(failed('map-0.1'))).toEqual(['start map-0.2 on 1']);
  expect(tell(failed('map-0.2', { kind: 'refused' }))).toEqual(['start map-0.3 on 1']);
});

test('the run fails when one task is out of attempts', () => {
  const tell = schedulerOf({ maxAttempts: 3 }, chunksWritten, ready(1));
  tell(failed('map-0.1'), failed('map-0.2'));
  expect(tell(failed('map-0.3'))).toEqual(['end failed: attempts-used-up, map-0 on 1']);
});

test('attempts are counted per task: failures of other tasks do not count', () => {
  const tell = schedulerOf({ maxAttempts: 2 }, chunksWritten, ready(1), ready(2));
  expect(tell(failed('map-0.1'))).toEqual(['start map-0.2 on 1']);
  expect(tell(failed('map-1.1'))).toEqual(['start map-1.2 on 2']);
});

test('lost attempts are free', () => {
  const tell = schedulerOf({ workerCount: 1, maxAttempts: 1 }, chunksWritten, ready(1), lost(1), ready(1), lost(1));
  expect(tell(ready(1))).toEqual(['start map-0.3 on 1']);
  expect(tell(failed('map-0.3'))).toEqual(['end failed: attempts-used-up, map-0 on 1']);
});

test('a task that loses one worker after the other ends the run', () => {
  const tell = schedulerOf(
    { workerCount: 4, mapCount: 1, maxRespawns: 2 },
    chunksWritten,
    ready(1),
    ready(2),
    ready(3),
  );
  tell(lost(1), lost(2));
  expect(tell(lost(3))).toEqual(['end failed: losses-used-up, map-0 on 3']);
});

test('an attempt that never reached its worker does not count against the task', () => {
  const tell = schedulerOf({ workerCount: 1, maxAttempts: 1 }, chunksWritten, ready(1));
  expect(tell(lost(1, unreached))).toEqual(['respawn 1 (1) after 0']);
  expect(tell(ready(1))).toEqual(['start map-0.2 on 1']);
});

test.for(['usage', 'input'] as const)('an attempt that fails as %s is not tried again', (kind) => {
  const tell = schedulerOf({}, chunksWritten, ready(1));
  expect(tell(failed('map-0.1', { kind }))).toEqual(['end failed: attempts-used-up, map-0 on 1']);
});

test('a lost worker is started again, and its task goes to an idle one', () => {
  const tell = schedulerOf({ mapCount: 1 }, chunksWritten, ready(1), ready(2));
  expect(tell(lost(1))).toEqual(['respawn 1 (1) after 0', 'start map-0.2 on 2']);
  expect(tell(ready(1))).toEqual([]);
});

test('a worker that is lost while it starts is started again', () => {
  const tell = schedulerOf({});
  expect(tell(lost(1))).toEqual(['respawn 1 (1) after 0']);
  expect(tell(lost(1))).toEqual(['respawn 1 (2) after 250']);
});

test('a worker whose restarts are used up is set aside, and the others continue', () => {
  const tell = schedulerOf({ mapCount: 1, maxRespawns: 1 }, chunksWritten, ready(1), ready(2));
  tell(lost(1), ready(1));
  expect(tell(lost(1))).toEqual([]);
  expect(tell(lost(1))).toEqual([]);
  expect(tell(succeeded('map-0.2'))).toEqual(['commit map-0.2']);
  expect(tell(committed('map-0.2'))).toEqual(['start reduce-0.1 on 2']);
});

test('the run fails when no worker is left, and names the task', () => {
  const tell = schedulerOf({ maxRespawns: 1 }, chunksWritten, ready(1), ready(2), lost(1), lost(1), lost(2));
  expect(tell(lost(2))).toEqual(['end failed: workers-used-up, map-0 on 2']);
});

test('the run fails when no worker ever starts, and names the first task that waits', () => {
  const tell = schedulerOf({ workerCount: 1, maxRespawns: 1 }, chunksWritten, lost(1));
  expect(tell(lost(1))).toEqual(['end failed: workers-used-up, map-0 on 1']);
});

test('the run fails when no worker is left before the chunks are written', () => {
  const tell = schedulerOf({ workerCount: 1, maxRespawns: 0 });
  expect(tell(lost(1))).toEqual(['end failed: workers-used-up, undefined on 1']);
  expect(tell(chunksWritten)).toEqual([]);
});

test('the result of a lost attempt comes too late', () => {
  const tell = schedulerOf({ mapCount: 1 }, chunksWritten, ready(1), ready(2), lost(1));
  expect(tell(succeeded('map-0.1'))).toEqual([]);
  expect(tell(failed('map-0.1'))).toEqual([]);
  expect(tell(committed('map-0.1'))).toEqual([]);
  expect(tell(succeeded('map-0.2'))).toEqual(['commit map-0.2']);
});

test('a second result changes nothing', () => {
  const tell = schedulerOf({ mapCount: 1, workerCount: 1 }, chunksWritten, ready(1), succeeded('map-0.1'));
  expect(tell(succeeded('map-0.1'))).toEqual([]);
  expect(tell(failed('map-0.1'))).toEqual([]);
  expect(tell(committed('map-0.1'))).toEqual(['start reduce-0.1 on 1']);
  expect(tell(committed('map-0.1'))).toEqual([]);
});

test('a result of an attempt that was not started changes nothing', () => {
  const tell = schedulerOf({}, chunksWritten, ready(1));
  expect(tell(succeeded('map-0.7'))).toEqual([]);
  expect(tell(failed('reduce-0.1', { kind: 'corrupt' }))).toEqual([]);
});

test('a result stands, even if its worker is lost before the commit', () => {
  const tell = schedulerOf({ mapCount: 1, workerCount: 1 }, chunksWritten, ready(1), succeeded('map-0.1'));
  expect(tell(lost(1))).toEqual(['respawn 1 (1) after 0']);
  expect(tell(ready(1))).toEqual([]);
  expect(tell(committed('map-0.1'))).toEqual(['start reduce-0.1 on 1']);
});

test('progress starts and ends nothing', () => {
  const tell = schedulerOf({}, chunksWritten, ready(1));
  expect(tell({ type: 'attempt-progressed', attempt: 'map-0.1', records: 5, bytes: 50 })).toEqual([]);
});

test('a run that is asked to stop ends, and nothing changes it afterwards', () => {
  const tell = schedulerOf({}, chunksWritten, ready(1));
  expect(tell({ type: 'interrupted', signal: 'SIGINT' })).toEqual(['end interrupted']);
  for (const event of [ready(2), lost(1), succeeded('map-0.1'), failed('map-0.1'), chunksWritten]) {
    expect(tell(event)).toEqual([]);
  }
});

test('the end names the last failure, and how many attempts there were', () => {
  const scheduler = new Scheduler({ ...SMALL, mapCount: 1, workerCount: 1, maxAttempts: 1 });
  scheduler.handle(chunksWritten, 0);
  scheduler.handle(ready(1), 0);
  const [end] = scheduler.handle(failed('map-0.1'), 0);
  expect(end).toEqual({
    type: 'end',
    outcome: {
      state: 'failed',
      cause: {
        type: 'attempts-used-up',
        task: 'map-0',
        worker: 1,
        attempts: 1,
        last: { kind: 'job', message: 'boom' },
      },
    },
  });
});

test('a worker that the run does not have is an error', () => {
  expect(() => schedulerOf({ workerCount: 2 })(ready(3))).toThrow(RangeError);
});

test('the state shows every task and worker', () => {
  const scheduler = new Scheduler(SMALL);
  for (const event of [chunksWritten, ready(1), succeeded('map-0.1'), committed('map-0.1')]) scheduler.handle(event, 0);
  const { tasks, workers, phase } = scheduler.state;
  expect(phase).toBe('map');
  expect(tasks.map.map(({ state }) => state)).toEqual(['committed', 'running']);
  expect(tasks.map[0]!.report).toEqual(NOTHING);
  expect(tasks.reduce.map(({ state }) => state)).toEqual(['waiting']);
  expect([...workers.values()].map(({ state }) => state)).toEqual(['busy', 'away']);
  expect(workers.get(1)).toMatchObject({ url: 'http://127.0.0.1:8001', pid: 4001, attempt: 'map-1.1' });
});
