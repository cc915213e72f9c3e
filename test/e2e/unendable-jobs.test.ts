// Tests job code that cannot be stopped: it is abandoned together with its process, and nothing of it disturbs the next attempt.

import { join } from 'node:path';

import { expect } from 'vitest';

import { UNENDABLE } from '../fixtures/paths.ts';
import { isAlive } from '../fixtures/processes.ts';
import { test } from '../fixtures/scratch.ts';
import { until } from '../fixtures/until.ts';

test.for([
  ['read', 'spawned', /map-0\.1 on worker 1 cancelled at the record at byte 4 of text\.txt: no progress for 2 s/],
  ['child', 'standing', /map-0\.1 on worker 1 cancelled at the record at byte 4 of text\.txt: no progress for 2 s/],
  ['heap', 'spawned', /map-0\.1 failed at the record at byte 4 of text\.txt: out of memory: .* 16 MiB of heap/],
] as const)(
  'a record with an unstoppable %s fails its attempt, but costs its worker no restart (workers: %s)',
  async ([way, kind, says], { scratch }) => {
    scratch.write('text.txt', `one\n!${way}\n`);
    if (kind === 'standing') await scratch.workers(1);
    const limits = ['--task-timeout', way === 'heap' ? '0' : '2', '--task-memory', '16MiB', '--max-respawns', '0'];
    const job = ['-N', '1', '-M', '1', '-W', '1', '--job', UNENDABLE, '--param', `once=${join(scratch.dir, 'once')}`];
    const { stderr } = await scratch.done([...limits, ...job, 'text.txt']);

    expect(scratch.output(), stderr).toBe(
      `one\t1\n${way}\t1\n`
        .split(/(?<=\n)/)
        .sort()
        .join(''),
    );
    expect(stderr).toMatch(says);
    if (kind === 'spawned') {
      // The output just before it is kept.
      expect(stderr).toContain(`[worker 1] meets !${way}`);
      expect(stderr).toContain("[worker 1] the job's code cannot be ended, so this worker's process ends with it");
    }
    // Nothing of it outlives the run.
    if (kind === 'spawned') expect(scratch.processes()).toEqual([]);
  },
);

test('a worker with unstoppable code ends with its driver all the same', async ({ scratch }) => {
  scratch.write('text.txt', 'one\n!child\n');
  const job = ['--job', UNENDABLE, '--param', `once=${join(scratch.dir, 'once')}`];
  const driver = scratch.drive(['-N', '1', '-M', '1', '-W', '1', ...job, 'text.txt']);
  await driver.line(/meets !child/);
  const [pid] = driver.workerPids();
  driver.signal('SIGKILL');
  await until('the worker has ended', () => !isAlive(pid!));
  await until('the processes that it had started have ended', () => scratch.processes().length === 0);
});
