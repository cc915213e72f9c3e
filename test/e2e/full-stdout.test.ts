// Tests a stdout and a stderr that cannot be written: a result that is lost is not a success, a reader that closes the pipe early does
// not cause a failure, and an unwritable stderr does not end the run.

import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect } from 'vitest';

import type { Finished } from '../fixtures/running-command.ts';
import { MAPREDUCE, type Scratch, test } from '../fixtures/scratch.ts';
import { canMount, SmallDisk } from '../fixtures/small-disk.ts';

const RESULT = 'one\t1\ntwo\t1\n';

/** Runs `mapreduce ...` from a shell: `"$@"` in the script stands for the command. */
async function inShell(scratch: Scratch, script: string, ...args: string[]): Promise<Finished> {
  const own = args[0] === 'run' ? ['--worker-port', String(scratch.port), '-W', '1', '-M', '1'] : [];
  return scratch.startProgram('bash', ['-c', script, 'bash', process.execPath, MAPREDUCE, ...args, ...own]).finished;
}

describe.runIf(existsSync('/dev/full'))('a stdout on a full disk', () => {
  test('a stdout on a full disk ends every command with exit code 6 and one line, after its work is done', async ({
    scratch,
  }) => {
    scratch.write('text.txt', 'one two\n');
    await scratch.done(['-W', '1', '-M', '1', 'text.txt']);
    for (const args of [
      ['--help'],
      ['--version'],
      ['run', '--help'],
      ['jobs'],
      ['history'],
      ['report'],
      ['show', 'files/out'],
      ['show', 'files/chunks/chunk_0.msgpack'],
      ['sequential', 'text.txt'],
      ['run', '--quiet', '--fresh', 'text.txt'],
      ['run', '--json', '--fresh', 'text.txt'],
      ['run', '--verify', '--fresh', 'text.txt'],
      ['reset'],
    ]) {
      const { exitCode, stderr } = await inShell(scratch, 'exec "$@" > /dev/full', ...args);
      expect.soft(exitCode, `${args.join(' ')}\n${stderr}`).toBe(6);
      const says = stderr.split('\n').filter((line) => line.startsWith('mapreduce: '));
      expect.soft(says, args.join(' ')).toEqual([expect.stringMatching(/stdout: expected .*ENOSPC\); make room/)]);
      expect.soft(stderr).not.toMatch(/^\s+at /m);
      if (args[0] === 'run' && args[1] !== '--help') expect.soft(scratch.output()).toBe(RESULT);
    }
    expect(scratch.files(), 'the reset was done, too').toEqual(['text.txt']);
  });

  test('a stdout on a full disk does not hide why a run has failed', async ({ scratch }) => {
    const { exitCode, stderr } = await inShell(scratch, 'exec "$@" > /dev/full', 'run', '--json', 'missing.txt');
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/^mapreduce: input missing\.txt: /m);
  });

  test('a closed stderr, or one on a full disk, does not end a run', async ({ scratch }) => {
    scratch.write('text.txt', 'one two\n');
    for (const script of ['exec "$@" 2> /dev/full', 'exec "$@" 2>&-']) {
      const { exitCode, stdout } = await inShell(scratch, script, 'run', '--fresh', 'text.txt');
      expect.soft(exitCode, script).toBe(0);
      expect.soft(stdout).toMatch(/^done in /);
      expect.soft(scratch.output()).toBe(RESULT);
    }
  });
});

test.runIf(canMount())('a command fails if the disk takes only a part of its output', async ({ scratch }) => {
  scratch.write('text.txt', Array.from({ length: 20_000 }, (_, line) => `word${line}\n`).join(''));
  using _disk = new SmallDisk(join(scratch.dir, 'small'), 64 << 10);
  const { exitCode, stderr } = await inShell(scratch, 'exec "$@" > small/out', 'sequential', 'text.txt');
  expect(exitCode, stderr).toBe(6);
  expect(stderr).toMatch(/^mapreduce: stdout: .*ENOSPC/m);
});

test('a reader that closes the pipe early ends neither a command nor a run', async ({ scratch }) => {
  scratch.write('text.txt', 'one two\n');
  scratch.write('many.txt', Array.from({ length: 50_000 }, (_, line) => `word${line}\n`).join(''));
  const script = 'set -o pipefail; "$@" | head -n 1';
  for (const args of [['sequential', 'many.txt'], ['run', '--verify', 'text.txt'], ['jobs']]) {
    const { exitCode, stdout, stderr } = await inShell(scratch, script, ...args);
    expect.soft(exitCode, stderr).toBe(0);
    expect.soft(stdout).toMatch(/^[^\n]+\n$/);
  }
  expect(scratch.output()).toBe(RESULT);
});

test('a slow reader gets the whole output', async ({ scratch }) => {
  const lines = 200_000;
  scratch.write('many.txt', Array.from({ length: lines }, (_, line) => `word${line}\n`).join(''));
  const script = 'set -o pipefail; "$@" | { read -r first; cat; } | wc -l';
  const { exitCode, stdout } = await inShell(scratch, script, 'sequential', 'many.txt');
  expect([exitCode, Number(stdout)]).toEqual([0, lines - 1]);
});
