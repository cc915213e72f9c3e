// Tests the sample of a job that partitions by range: whatever the job's code does in it, the driver survives, and the tasks judge.

import { describe, expect } from 'vitest';

import { test } from '../fixtures/scratch.ts';

const JOB = `
import { defineJob, identity } from 'http-mapreduce';
export default defineJob({
  name: 'sort',
  partition: 'range',
  params: { what: ['nothing', 'throw', 'exit', 'loop', 'memory'] },
  map(line: string, { emit, params, task }) {
    if (line === 'bad' && task === 'sample') {
      if (params.what === 'throw') throw new Error('in the sample');
      if (params.what === 'exit') process.exit(0);
      if (params.what === 'loop') for (;;);
      const kept: object[] = [];
      if (params.what === 'memory') for (;;) kept.push([kept.length]);
    }
    emit(line, null);
  },
  reduce: identity,
});
`;

describe('map in the sample', () => {
  test.for(['nothing', 'throw', 'exit', 'loop', 'memory'])(
    'map in the sample may do %s, and the run continues with outputs in order',
    async (what, { scratch }) => {
      scratch.write('sort.ts', JOB);
      const lines = Array.from({ length: 200 }, (_, line) => `line ${(line * 37) % 200}`);
      lines[100] = 'bad';
      scratch.write('in.txt', `${lines.join('\n')}\n`);
      const limits = ['--task-timeout', '2', '--task-memory', '64MiB'];
      await scratch.done([
        '-N',
        '2',
        '-M',
        '3',
        '-W',
        '1',
        ...limits,
        '--job',
        'sort.ts',
        '--param',
        `what=${what}`,
        'in.txt',
      ]);
      expect(scratch.outputs().join('')).toBe(`${lines.sort().join('\n')}\n`);
    },
  );

  test('an endless map in the sample ends on Ctrl-C', async ({ scratch }) => {
    scratch.write('sort.ts', JOB);
    scratch.write('in.txt', 'bad\n');
    const driver = scratch.drive([
      '-N',
      '1',
      '-M',
      '2',
      '-W',
      '1',
      '--job',
      'sort.ts',
      '--param',
      'what=loop',
      'in.txt',
    ]);
    await driver.line(/^worker 1 ready at /);
    driver.signal('SIGINT');
    expect((await driver.finished).exitCode).toBe(130);
  });
});
