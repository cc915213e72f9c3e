import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import type { AttemptFailure, AttemptId, AttemptReport } from '../../../src/protocol.ts';
import type { Command, Event, LossCause, Outcome, WorkerId } from '../../../src/scheduler/events.ts';
import { Scheduler, type SchedulerOptions } from '../../../src/scheduler/scheduler.ts';
import { ModelWorld } from '../../fixtures/model-world.ts';

const report: AttemptReport = { recordsIn: 1, bytesIn: 2, recordsOut: 3, bytesOut: 4, spills: 0, counters: [] };
const crashed: LossCause = { message: 'its process ended with SIGKILL', reached: true, stderr: [] };
const unreached: LossCause = { message: 'nobody listens', reached: false, stderr: [] };

const chunksWritten: Event = { type: 'chunks-written' };
const ready = (worker: WorkerId): Event => ({
  type: 'worker-ready',
  worker,
  url: `http://${worker}`,
  pid: 100 + worker,
});
const lost = (worker: WorkerId, cause = crashed): Event => ({ type: 'worker-lost', worker, cause });
const succeeded = (attempt: AttemptId): Event => ({ type: 'attempt-succeeded', attempt, report });
const committed = (attempt: AttemptId): Event => ({ type: 'task-committed', attempt });
const failed = (attempt: AttemptId, kind: AttemptFailure['kind'] = 'job'): Event => ({
  type: 'attempt-failed',
  attempt,
  failure: { kind, message: 'boom' },
});

/** A scheduler that is told events, and what it said to the last one in short words. */
function schedulerOf(options: Partial<SchedulerOptions>, ...before: Event[]): (...events: Event[]) => string[] {
  const scheduler = new Scheduler({
    mapCount: 2,
    reduceCount: 1,
    workerCount: 2,
    maxAttempts: 4,
    maxRespawns: 5,
    ...options,
  });
  const tell = (...events: Event[]): string[] =>
    events
      .map((event) => scheduler.handle(event))
      .at(-1)!
      .map(inWords);
  if (before.length > 0) tell(...before);
  return tell;
}

function inWords(command: Command): string {
  switch (command.type) {
    case 'start-attempt':
      return `start ${command.attempt} on ${command.worker}`;
    case 'respawn-worker':
      return `respawn ${command.worker} (${command.restart})`;
    case 'commit':
      return `commit ${command.attempt}`;
    case 'end':
      return endInWords(command.outcome);
    default:
      throw new TypeError('no such command');
  }
}

function endInWords(outcome: Outcome): string {
  if (outcome.state !== 'failed') return `end ${outcome.state}`;
  const { type, task, worker } = outcome.cause;
  return `end failed: ${type}, ${task} on ${worker}`;
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

test('a worker takes the next task as soon as it has answered, and its file is committed before', () => {
  const tell = schedulerOf({ workerCount: 1 }, chunksWritten, ready(1));
  expect(tell(succeeded('map-0.1'))).toEqual(['commit map-0.1', 'start map-1.1 on 1']);
});

test('reduce tasks start when every map task is committed, not when it is answered', () => {
  const tell = schedulerOf({ reduceCount: 2 }, chunksWritten, ready(1), ready(2));
  expect(tell(succeeded('map-0.1'))).toEqual(['commit map-0.1']);
  expect(tell(committed('map-0.1'))).toEqual([]);
  expect(tell(succeeded('map-1.1'))).toEqual(['commit map-1.1']);
  expect(tell(committed('map-1.1'))).toEqual(['start reduce-0.1 on 1', 'start reduce-1.1 on 2']);
});

test('the run is done when every reduce task is committed', () => {
  const tell = schedulerOf({ mapCount: 1 }, chunksWritten, ready(1));
  tell(succeeded('map-0.1'), committed('map-0.1'));
  expect(tell(succeeded('reduce-0.1'))).toEqual(['commit reduce-0.1']);
  expect(tell(committed('reduce-0.1'))).toEqual(['end done']);
});

test('a failed attempt sends its task back to waiting, as the next attempt', () => {
  const tell = schedulerOf({ workerCount: 1 }, chunksWritten, ready(1));
  expect(tell(failed('map-0.1'))).toEqual(['start map-0.2 on 1']);
  expect(tell(failed('map-0.2', 'refused'))).toEqual(['start map-0.3 on 1']);
});

test('the run fails when one task is out of attempts', () => {
  const tell = schedulerOf({ maxAttempts: 3 }, chunksWritten, ready(1));
  tell(failed('map-0.1'), failed('map-0.2'));
  expect(tell(failed('map-0.3'))).toEqual(['end failed: attempts-used-up, map-0 on 1']);
});

test('attempts are counted a task: other tasks that fail use up nothing', () => {
  const tell = schedulerOf({ maxAttempts: 2 }, chunksWritten, ready(1), ready(2));
  expect(tell(failed('map-0.1'))).toEqual(['start map-0.2 on 1']);
  expect(tell(failed('map-1.1'))).toEqual(['start map-1.2 on 2']);
});

test('lost attempts count against the task', () => {
  const tell = schedulerOf({ workerCount: 1, maxAttempts: 2 }, chunksWritten, ready(1), lost(1), ready(1));
  expect(tell(lost(1))).toEqual(['end failed: attempts-used-up, map-0 on 1']);
});

test('an attempt that never reached its worker does not count against the task', () => {
  const tell = schedulerOf({ workerCount: 1, maxAttempts: 1 }, chunksWritten, ready(1));
  expect(tell(lost(1, unreached))).toEqual(['respawn 1 (1)']);
  expect(tell(ready(1))).toEqual(['start map-0.2 on 1']);
});

test.for(['usage', 'corrupt'] as const)('an attempt that fails as %s is not tried again', (kind) => {
  const tell = schedulerOf({}, chunksWritten, ready(1));
  expect(tell(failed('map-0.1', kind))).toEqual(['end failed: attempts-used-up, map-0 on 1']);
});

test('a lost worker is started again, and what it ran goes to an idle one', () => {
  const tell = schedulerOf({ mapCount: 1 }, chunksWritten, ready(1), ready(2));
  expect(tell(lost(1))).toEqual(['respawn 1 (1)', 'start map-0.2 on 2']);
  expect(tell(ready(1))).toEqual([]);
});

test('a worker that is lost while it starts is started again', () => {
  const tell = schedulerOf({});
  expect(tell(lost(1))).toEqual(['respawn 1 (1)']);
  expect(tell(lost(1))).toEqual(['respawn 1 (2)']);
});

test('a worker whose restarts are used up is set aside, and the others go on', () => {
  const tell = schedulerOf({ mapCount: 1, maxRespawns: 1 }, chunksWritten, ready(1), ready(2));
  tell(lost(1), ready(1));
  expect(tell(lost(1))).toEqual([]);
  expect(tell(lost(1))).toEqual([]);
  expect(tell(succeeded('map-0.2'))).toEqual(['commit map-0.2']);
  expect(tell(committed('map-0.2'))).toEqual(['start reduce-0.1 on 2']);
});

test('the run fails when no worker is left, and says on which task', () => {
  const tell = schedulerOf({ maxRespawns: 0 }, chunksWritten, ready(1), ready(2));
  expect(tell(lost(1))).toEqual([]);
  expect(tell(lost(2))).toEqual(['end failed: workers-used-up, map-1 on 2']);
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

test('the answer of a lost attempt comes too late', () => {
  const tell = schedulerOf({ mapCount: 1 }, chunksWritten, ready(1), ready(2), lost(1));
  expect(tell(succeeded('map-0.1'))).toEqual([]);
  expect(tell(failed('map-0.1'))).toEqual([]);
  expect(tell(committed('map-0.1'))).toEqual([]);
  expect(tell(succeeded('map-0.2'))).toEqual(['commit map-0.2']);
});

test('a second answer changes nothing', () => {
  const tell = schedulerOf({ mapCount: 1, workerCount: 1 }, chunksWritten, ready(1), succeeded('map-0.1'));
  expect(tell(succeeded('map-0.1'))).toEqual([]);
  expect(tell(failed('map-0.1'))).toEqual([]);
  expect(tell(committed('map-0.1'))).toEqual(['start reduce-0.1 on 1']);
  expect(tell(committed('map-0.1'))).toEqual([]);
});

test('an attempt that nobody started changes nothing', () => {
  const tell = schedulerOf({}, chunksWritten, ready(1));
  expect(tell(succeeded('map-0.7'))).toEqual([]);
  expect(tell(failed('reduce-0.1', 'corrupt'))).toEqual([]);
});

test('what a worker has answered stands, also where it is lost before the commit', () => {
  const tell = schedulerOf({ mapCount: 1, workerCount: 1 }, chunksWritten, ready(1), succeeded('map-0.1'));
  expect(tell(lost(1))).toEqual(['respawn 1 (1)']);
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

test('the end says what was last: the failure, and how many attempts there were', () => {
  const scheduler = new Scheduler({ mapCount: 1, reduceCount: 1, workerCount: 1, maxAttempts: 1, maxRespawns: 0 });
  scheduler.handle(chunksWritten);
  scheduler.handle(ready(1));
  const [end] = scheduler.handle(failed('map-0.1'));
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

test('the state says where every task and worker is', () => {
  const scheduler = new Scheduler({ mapCount: 2, reduceCount: 1, workerCount: 2, maxAttempts: 4, maxRespawns: 5 });
  for (const event of [chunksWritten, ready(1), succeeded('map-0.1'), committed('map-0.1')]) scheduler.handle(event);
  const { tasks, workers, phase } = scheduler.state;
  expect(phase).toBe('map');
  expect(tasks.map.map(({ state }) => state)).toEqual(['committed', 'running']);
  expect(tasks.map[0]!.report).toEqual(report);
  expect(tasks.reduce.map(({ state }) => state)).toEqual(['waiting']);
  expect([...workers.values()].map(({ state }) => state)).toEqual(['busy', 'away']);
  expect(workers.get(1)).toMatchObject({ url: 'http://1', pid: 101, attempt: 'map-1.1' });
});

const options: fc.Arbitrary<SchedulerOptions> = fc.record({
  mapCount: fc.integer({ min: 1, max: 5 }),
  reduceCount: fc.integer({ min: 1, max: 4 }),
  workerCount: fc.integer({ min: 1, max: 4 }),
  maxAttempts: fc.integer({ min: 1, max: 4 }),
  maxRespawns: fc.integer({ min: 0, max: 3 }),
});

test('in a world that crashes, repeats itself and answers late nothing goes wrong; in a friendly one the run ends', () => {
  fc.assert(
    fc.property(options, fc.array(fc.nat({ max: 999_999 }), { maxLength: 150 }), (options, choices) => {
      const world = new ModelWorld(options);
      for (const choice of choices) world.step(choice);
      world.befriend();
    }),
    { numRuns: 800 },
  );
});

test('in a friendly world every task is committed, in its first attempt', () => {
  fc.assert(
    fc.property(options, (options) => {
      const world = new ModelWorld(options);
      world.befriend();
      expect(world.outcome).toEqual({ state: 'done' });
      expect(world.commits).toHaveLength(options.mapCount + options.reduceCount);
      expect(world.commits.every((attempt) => attempt.endsWith('.1'))).toBe(true);
    }),
  );
});

test('with attempts and restarts without end every run is done, whatever went wrong on the way', () => {
  fc.assert(
    fc.property(options, fc.array(fc.nat({ max: 999_999 }), { maxLength: 150 }), (options, choices) => {
      const world = new ModelWorld({ ...options, maxAttempts: 1000, maxRespawns: 1000 });
      for (const choice of choices) world.step(choice);
      world.befriend();
      expect(world.outcome).toEqual({ state: 'done' });
    }),
    { numRuns: 300 },
  );
});
