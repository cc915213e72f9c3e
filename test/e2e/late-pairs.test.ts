// Tests pairs that are emitted after map has returned: they are never lost silently, whichever runner runs the job.

import { describe, expect } from 'vitest';

import { test } from '../fixtures/scratch.ts';

const SHAPE = ['-N', '1', '-M', '1', '-W', '1', '--max-attempts', '2'];

describe('a late pair', () => {
  test('a late pair fails a run and a sequential run, with the place of its record', async ({ scratch }) => {
    scratch.write('text.txt', 'one\ntwo\n');
    scratch.write(
      'job.js',
      `export default {
        name: 'late',
        map(line, { emit }) { if (line === 'two') setTimeout(() => emit(line, 1), 50); else emit(line, 1); },
        reduce: (key, values) => [...values].length,
      };`,
    );
    const args = ['--job', 'job.js', 'text.txt'];
    const { exitCode, stderr } = await scratch.run([...SHAPE, ...args]);
    const said =
      'at the record at byte 4 of text.txt: map emitted the key "two" after it had returned; await everything';
    expect(exitCode).toBe(3);
    expect(stderr).toContain(`map-0 failed on worker 1, attempt 2 of 2 ${said}`);
    expect(scratch.outputs()).toEqual([]);

    const oracle = await scratch.start(['sequential', ...args]).finished;
    expect(oracle.exitCode).toBe(3);
    expect(oracle.stdout).toBe('');
    expect(oracle.stderr).toContain(`late failed ${said}`);
  });
});
