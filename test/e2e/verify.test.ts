// --verify: what a sequential run leaves out, what ends it, and what it takes of memory.

import { describe, expect } from 'vitest';

import { test } from '../fixtures/scratch.ts';

const RUN = ['-N', '2', '-M', '2', '-W', '1', '--job', 'job.mjs', '--verify'];

/** A job that counts lines, and does something at a bad one: in a run and in a sequential run, or in one of them. */
const job = (bad: string, combine = ''): string => `
export default {
  name: 'lines',
  map(line, { emit, runId }) {
    const isSequential = runId === 'sequential';
    if (line === 'bad') { ${bad} }
    emit(line, 1);
  },
  ${combine}
  reduce(line, ones) { let sum = 0; for (const one of ones) sum += one; return sum; },
};
`;

describe('a record that was skipped', () => {
  test.for([
    ['throws', "throw new Error('boom');"],
    ['hangs', 'for (;;);'],
    ['ends its process', 'process.exit(0);'],
  ] as const)('is left out of the comparison if it %s', async ([, bad], { scratch }) => {
    scratch.write('job.mjs', job(bad));
    scratch.write('in.txt', 'a\nbad\nc\na\n');
    const { stdout } = await scratch.done([...RUN, '--skip-bad-records', '1', '--task-timeout', '2', 'in.txt']);
    expect(stdout).toContain('done, 1 record skipped, in ');
    expect(stdout).toContain('\nverified: the same 2 lines as a sequential run\n');
  });

  test('does not hide a result that is wrong', async ({ scratch }) => {
    scratch.write('job.mjs', job("throw new Error('boom');", 'combine: () => 1,'));
    scratch.write('in.txt', 'a\nbad\nc\na\na\na\n');
    const { exitCode, stderr } = await scratch.run([...RUN, '-N', '1', '--skip-bad-records', '1', 'in.txt']);
    expect(stderr).toMatch(/first at key "a": expected "a\\t4", found "a\\t1"$/m);
    expect(exitCode).toBe(1);
  });
});

describe('a record at which only the sequential run', () => {
  test.for([
    ['throws', "throw new Error('boom');", /lines failed at the record at byte 2 of in\.txt: boom$/m],
    [
      'hangs',
      'for (;;);',
      /job\.mjs at the record at byte 2 of in\.txt: the job's code made no progress for 2 s \(--task-timeout\)$/m,
    ],
    [
      'ends its process',
      'process.exit(0);',
      /job\.mjs at the record at byte 2 of in\.txt: the job's code called process\.exit\(0\) at /,
    ],
  ] as const)('%s is named, and the run is said to be done', async ([, bad, said], { scratch }) => {
    scratch.write('job.mjs', job(`if (isSequential) { ${bad} }`));
    scratch.write('in.txt', 'a\nbad\nc\na\n');
    const { exitCode, stdout, stderr } = await scratch.run([...RUN, '--task-timeout', '2', 'in.txt']);
    expect(stderr).toMatch(/^mapreduce: --verify: the run is done, its output could not be verified: /m);
    expect(stderr).toMatch(said);
    expect(stdout).not.toContain('verified');
    expect(exitCode).toBe(3);
    expect(scratch.output()).toBe('a\t2\nbad\t1\nc\t1\n');
  });
});

test('a reduce that goes on for longer than --task-timeout is not held to hang', async ({ scratch }) => {
  // Two seconds for each of three keys: no record, and no step of keys, is done meanwhile.
  const slowly = `async reduce(key, values) {
    for (let turn = 0; turn < 4; turn++) await new Promise((done) => { setTimeout(done, 500); });
    return [...values].length;
  },`;
  scratch.write('job.mjs', job('').replace(/reduce\(.*\n/, `${slowly}\n`));
  scratch.write('in.txt', 'a\nb\nc\n');
  const { stdout } = await scratch.done([...RUN, '--task-timeout', '4', 'in.txt']);
  expect(stdout).toContain('\nverified: the same 3 lines as a sequential run\n');
});

test('keys beyond the memory of a sequential run take several passes', async ({ scratch }) => {
  // Of 576 MB that V8 has for it, the run gives a quarter to keys and values; these keys count as 190 MB.
  scratch.write('job.mjs', job('').replace('emit(line, 1)', "emit(line + 'x'.repeat(3000), 1)"));
  scratch.write('in.txt', Array.from({ length: 30_000 }, (_, index) => `${(index * 7919) % 30_000}\n`).join(''));
  const { stdout } = await scratch.done([...RUN, '--task-memory', '16MiB', 'in.txt']);
  expect(stdout).toContain('\nverified: the same 30,000 lines as a sequential run\n');
});

test('a result that is longer than an input line may be is told, shown and verified', async ({ scratch }) => {
  scratch.write('job.mjs', job('').replace('return sum;', "return line === 'long' ? 'x'.repeat(140_000_000) : sum;"));
  scratch.write('in.txt', 'a\nlong\nz\n');
  const { stdout } = await scratch.done([...RUN, 'in.txt']);
  expect(stdout).toMatch(/\nthe first 3 of 3 lines:\n(?: {2}.{1,110}\n){3}/);
  expect(stdout).toContain('\nverified: the same 3 lines as a sequential run\n');
  for (const args of [[], ['--by', 'key'], ['--top', '2']]) {
    const shown = await scratch.start(['show', 'files/out', ...args]).finished;
    expect([shown.exitCode, shown.stderr]).toEqual([0, '']);
    expect(shown.stdout).toMatch(/ x+… {2}long$/m);
  }
});
