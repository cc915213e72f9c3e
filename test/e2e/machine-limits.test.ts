// Tests limits that a shell sets with `ulimit`: a run adapts to a limit if it can, and otherwise names it.

import { describe, expect } from 'vitest';

import type { Finished } from '../fixtures/running-command.ts';
import { MAPREDUCE, type Scratch, test } from '../fixtures/scratch.ts';

function runWithin(scratch: Scratch, limit: string, flags: readonly string[]): Promise<Finished> {
  const command = [process.execPath, MAPREDUCE, 'run', '--worker-port', String(scratch.port), '-W', '1', ...flags];
  return scratch.startProgram('sh', ['-c', `${limit}; exec "$@"`, 'sh', ...command]).finished;
}

describe('a limit', () => {
  test('a limit on open files makes merges smaller', async ({ scratch }) => {
    const lines = Array.from({ length: 300 }, (_, line) => `word${line}\n`);
    scratch.write('text.txt', lines.join(''));

    const { exitCode, stderr } = await runWithin(scratch, 'ulimit -n 100', ['-N', '300', '-M', '1', 'text.txt']);

    expect(exitCode, stderr).toBe(0);
    expect(scratch.outputs().join('')).toBe(
      lines
        .map((line) => line.replace('\n', '\t1\n'))
        .sort()
        .join(''),
    );
  });

  test.runIf(process.platform === 'linux')(
    'a limit on the address space is named, and not mistaken for the memory limit of the job',
    async ({ scratch }) => {
      scratch.write('text.txt', 'one\n');

      const { exitCode, stderr } = await runWithin(scratch, 'ulimit -v 5000000', ['text.txt']);

      expect(exitCode, stderr).toBe(6);
      expect(stderr).toMatch(/^mapreduce: .*expected room in the address space [^\n]*\(ulimit -v 5000000\)[^\n]*$/m);
      expect(stderr).not.toContain("the job's code used more");
    },
  );
});
