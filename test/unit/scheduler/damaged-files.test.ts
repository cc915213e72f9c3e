import { expect, test } from 'vitest';

import type { AttemptFailure } from '../../../src/protocol.ts';
import type { AttemptId } from '../../../src/task-ids.ts';
import type { Event } from '../../../src/scheduler/events.ts';
import {
  cancelled,
  chunksWritten,
  committed,
  done,
  failed,
  ready,
  SMALL,
  succeeded,
  Told,
} from '../../fixtures/told-run.ts';

const damagedRun = (attempt: `reduce-${number}.${number}`, task: number): Event =>
  failed(attempt, { kind: 'corrupt', message: 'mr-0: flipped', damaged: { file: 'map-output', task } });
const damagedChunk = (attempt: `map-${number}.${number}`, task: number): Event =>
  failed(attempt, { kind: 'corrupt', message: 'chunk_0: flipped', damaged: { file: 'chunk', task } });

const corrupt = (attempt: AttemptId, damaged: AttemptFailure['damaged']): Event =>
  failed(attempt, { kind: 'corrupt', message: 'something', ...(damaged === undefined ? {} : { damaged }) });

/** Two map tasks are committed, and two reduce tasks are running on workers 2 and 1. */
function reducing(): Told {
  const told = new Told({ reduceCount: 3 });
  told.tell(
    chunksWritten,
    ready(1),
    ready(2),
    ...done('map-0.1', { checksum: 1 }),
    ...done('map-1.1', { checksum: 2 }),
  );
  return told;
}

test('a map output that a reduce task finds damaged is given up and made again; reduce tasks that read it are stopped', () => {
  const told = reducing();
  expect(told.tell(damagedRun('reduce-0.1', 1))).toEqual([
    'discard map-1',
    'cancel reduce-1.1 on 2: outdated',
    'start map-1.2 on 1',
  ]);
  expect(told.tell(cancelled('reduce-1.1', 2))).toEqual([]);
  expect(told.tell(succeeded('map-1.2', { checksum: 2 }))).toEqual(['commit map-1.2']);
  expect(told.tell(committed('map-1.2'))).toEqual(['start reduce-0.2 on 2', 'start reduce-1.2 on 1']);
});

test('outputs of reduce tasks stay if the new map output is the same', () => {
  const told = reducing();
  told.tell(...done('reduce-0.1'), damagedRun('reduce-1.1', 1), ...done('map-1.2', { checksum: 2 }));
  expect(told.scheduler.state.committed).toEqual({ map: 2, reduce: 1 });
});

test('if the new map output differs, outputs that were made from the old one are made again: no two attempts are mixed', () => {
  const told = reducing();
  told.tell(...done('reduce-0.1'), damagedRun('reduce-1.1', 1), succeeded('map-1.2', { checksum: 77 }));
  expect(told.tell(committed('map-1.2'))).toContain('discard reduce-0');
  expect(told.scheduler.state.committed).toEqual({ map: 2, reduce: 0 });
});

test('if the new map output differs, an output that is being committed is made again too', () => {
  const told = reducing();
  told.tell(succeeded('reduce-0.1'), damagedRun('reduce-1.1', 1), ...done('map-1.2', { checksum: 77 }));
  expect(told.tell(committed('reduce-0.1'))).toContain('discard reduce-0');
  expect(told.scheduler.state.tasks.reduce[0]?.state).not.toBe('committed');
});

test('a damaged chunk is written again before its task is tried again; that does not count against the task', () => {
  const told = new Told({ maxAttempts: 1, mapCount: 1 });
  told.tell(chunksWritten, ready(1));
  expect(told.tell(damagedChunk('map-0.1', 0))).toEqual(['rewrite chunk 0']);
  expect(told.tell(ready(2))).toEqual([]);
  expect(told.tell({ type: 'chunk-rewritten', chunk: 0 })).toEqual(['start map-0.2 on 1']);
});

test('a run whose files are found damaged again and again fails with that cause', () => {
  const told = new Told({ mapCount: 1, workerCount: 1 });
  told.tell(chunksWritten, ready(1));
  for (let attempt = 1; attempt <= 4; attempt++) {
    told.tell(damagedChunk(`map-0.${attempt}`, 0), { type: 'chunk-rewritten', chunk: 0 });
  }
  expect(told.tell(damagedChunk('map-0.5', 0))).toEqual(['end failed: damaged-again, map-0']);
});

test('another driver verifies what is committed, runs damaged tasks again, and uses no attempt number twice', () => {
  const told = reducing();
  told.tell(...done('reduce-0.1'));
  expect(told.tell({ type: 'driver-resumed', limits: { ...SMALL, workerCount: 1 } })).toEqual([
    'verify map-0 map-1 reduce-0',
  ]);
  expect(told.tell(ready(1))).toEqual([]);
  expect(told.tell({ type: 'output-lost', task: 'map-0', message: 'mr-0: none' })).toEqual(['discard map-0']);
  expect(told.tell({ type: 'outputs-verified' })).toEqual([]);
  expect(told.tell(chunksWritten)).toEqual(['start map-0.2 on 1']);
  expect(told.scheduler.state.reused).toBe(2);
  expect(told.tell(...done('map-0.2', { checksum: 1 }))).toEqual(['start reduce-1.2 on 1']);
});

test('a task whose chunk was being written again when its driver died runs under the next driver', () => {
  const told = new Told({ mapCount: 1, workerCount: 1 });
  told.tell(chunksWritten, ready(1), damagedChunk('map-0.1', 0));
  told.tell(
    { type: 'driver-resumed', limits: { ...SMALL, workerCount: 1 } },
    { type: 'outputs-verified' },
    chunksWritten,
  );
  expect(told.tell(ready(1))).toEqual(['start map-0.2 on 1']);
});

test.for([
  ['a map output of another run', { file: 'map-output', task: 2 }],
  ['a chunk', { file: 'chunk', task: 0 }],
  ['no file', undefined],
] as const)('a reduce task that reports again and again that %s is damaged uses up its attempts', ([, damaged]) => {
  const told = new Told({ workerCount: 1 });
  told.tell(chunksWritten, ready(1), ...done('map-0.1'), ...done('map-1.1'));
  const end = (attempt: number): string[] => told.tell(corrupt(`reduce-0.${attempt}`, damaged));
  for (const attempt of [1, 2, 3]) expect(end(attempt)).toEqual([`start reduce-0.${attempt + 1} on 1`]);
  expect(end(4)).toEqual(['end failed: attempts-used-up, reduce-0 on 1']);
});

test.for([
  ['a map output', { file: 'map-output', task: 0 }],
  ['the chunk of another task', { file: 'chunk', task: 1 }],
  ['no file', undefined],
] as const)('a map task that reports again and again that %s is damaged uses up its attempts', ([, damaged]) => {
  const told = new Told({ workerCount: 1 });
  told.tell(chunksWritten, ready(1));
  const end = (attempt: number): string[] => told.tell(corrupt(`map-0.${attempt}`, damaged));
  for (const attempt of [1, 2, 3]) expect(end(attempt)).toEqual([`start map-0.${attempt + 1} on 1`]);
  expect(end(4)).toEqual(['end failed: attempts-used-up, map-0 on 1']);
});
