// Pairs that come when map has returned: never missing in silence, whoever runs the job.

import { describe, expect } from 'vitest';

import { test } from '../fixtures/scratch.ts';

const SHAPE = ['-N', '1', '-M', '1', '-W', '1', '--max-attempts', '2'];

describe('a pair that comes late', () => {
  test('fails a run, and a sequential one, at its record', async ({ scratch }) => {
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
    const said = 'at the record at byte 4 of text.txt: map emitted the key "two" after it had returned; await all';
    expect(exitCode).toBe(3);
    expect(stderr).toContain(`map-0 failed on worker 1, attempt 2 of 2 ${said}`);
    expect(scratch.outputs()).toEqual([]);

    const oracle = await scratch.start(['sequential', ...args]).finished;
    expect(oracle.exitCode).toBe(3);
    expect(oracle.stdout).toBe('');
    expect(oracle.stderr).toContain(`late failed ${said}`);
  });
});
