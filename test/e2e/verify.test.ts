// Tests --verify: the records that its sequential run leaves out, the errors that end it, and its use of memory.

import { describe, expect } from 'vitest';

import { test } from '../fixtures/scratch.ts';

const RUN = ['-N', '2', '-M', '2', '-W', '1', '--job', 'job.mjs', '--verify'];

/** A job that counts lines, and misbehaves at a bad line: in a run and in a sequential run, or in one of them. */
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

describe('a skipped record', () => {
  test.for([
    ['throws', "throw new Error('boom');"],
    ['hangs', 'for (;;);'],
    ['ends its process', 'process.exit(0);'],
  ] as const)('a skipped record that %s is left out of the comparison', async ([, bad], { scratch }) => {
    scratch.write('job.mjs', job(bad));
    scratch.write('in.txt', 'a\nbad\nc\na\n');
    const { stdout } = await scratch.done([...RUN, '--skip-bad-records', '1', '--task-timeout', '2', 'in.txt']);
    expect(stdout).toContain('done, 1 record skipped, in ');
    expect(stdout).toContain('\nverified: the same 2 lines as a sequential run\n');
  });

  test('a skipped record does not hide a wrong result', async ({ scratch }) => {
    scratch.write('job.mjs', job("throw new Error('boom');", 'combine: () => 1,'));
    scratch.write('in.txt', 'a\nbad\nc\na\na\na\n');
    const { exitCode, stderr } = await scratch.run([...RUN, '-N', '1', '--skip-bad-records', '1', 'in.txt']);
    expect(stderr).toMatch(/first at key "a": expected "a\\t4", found "a\\t1"$/m);
    expect(exitCode).toBe(1);
  });
});

describe('a failure of the sequential run', () => {
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
  ] as const)(
    'a record that %s only in the sequential run is named, and the run is reported as done',
    async ([, bad, said], { scratch }) => {
      scratch.write('job.mjs', job(`if (isSequential) { ${bad} }`));
      scratch.write('in.txt', 'a\nbad\nc\na\n');
      const { exitCode, stdout, stderr } = await scratch.run([...RUN, '--task-timeout', '2', 'in.txt']);
      expect(stderr).toMatch(/^mapreduce: --verify: the run is done, its output could not be verified: /m);
      expect(stderr).toMatch(said);
      expect(stdout).not.toContain('verified');
      expect(exitCode).toBe(3);
      expect(scratch.output()).toBe('a\t2\nbad\t1\nc\t1\n');
    },
  );
});

test('a reduce that takes longer than --task-timeout does not count as hanging', async ({ scratch }) => {
  // Each of three keys takes two seconds, in which no record and no step of keys is done.
  const slowly = `async reduce(key, values) {
    for (let turn = 0; turn < 4; turn++) await new Promise((done) => { setTimeout(done, 500); });
    return [...values].length;
  },`;
  scratch.write('job.mjs', job('').replace(/reduce\(.*\n/, `${slowly}\n`));
  scratch.write('in.txt', 'a\nb\nc\n');
  const { stdout } = await scratch.done([...RUN, '--task-timeout', '4', 'in.txt']);
  expect(stdout).toContain('\nverified: the same 3 lines as a sequential run\n');
});

test('keys that exceed the memory of a sequential run take several passes', async ({ scratch }) => {
  // V8 has 576 MB for it. The run gives a quarter of that to keys and values; these keys count as 190 MB.
  scratch.write('job.mjs', job('').replace('emit(line, 1)', "emit(line + 'x'.repeat(3000), 1)"));
  scratch.write('in.txt', Array.from({ length: 30_000 }, (_, index) => `${(index * 7919) % 30_000}\n`).join(''));
  const { stdout } = await scratch.done([...RUN, '--task-memory', '16MiB', 'in.txt']);
  expect(stdout).toContain('\nverified: the same 30,000 lines as a sequential run\n');
});

test('a result that is longer than the longest allowed input line is printed, shown and verified', async ({
  scratch,
}) => {
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
