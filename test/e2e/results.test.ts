// Tests that readers find only complete results, as the attempts reported them: a run builds its results beside the last complete
// ones, and publishes them when all of them have been checked.

import { mkdirSync, readdirSync, readFileSync, rmSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect } from 'vitest';

import { attemptsStarted, committedAttempts, journal, runIds } from '../fixtures/journals.ts';
import { holdingAt, isHeld, kill } from '../fixtures/killed-driver.ts';
import { MISBEHAVING } from '../fixtures/paths.ts';
import { buildingIn } from '../fixtures/results.ts';
import type { RunningCommand } from '../fixtures/running-command.ts';
import { type Scratch, sortedLines, succeeded, test } from '../fixtures/scratch.ts';
import { canMount, SmallDisk } from '../fixtures/small-disk.ts';
import { countWords, LIBRARY, library } from '../fixtures/texts.ts';
import { until } from '../fixtures/until.ts';

const EXPECTED = countWords(Object.values(LIBRARY));
/** The last byte of a sorted file, and of an output. */
const LINE_END = 10;
const BEFORE = 'old\t1\nresults\t1\n';

/** Leaves the results of a run of three reduce tasks. */
async function earlierResults(scratch: Scratch): Promise<void> {
  scratch.write('old.txt', 'old results\n');
  await scratch.done(['-N', '1', '-M', '3', '-W', '1', 'old.txt']);
}

function gated(scratch: Scratch, attempt: string): string[] {
  return [...holdingAt(attempt, library(scratch)), '--param', 'gate=gate'];
}

async function heldAt(scratch: Scratch, attempt: string): Promise<RunningCommand> {
  const driver = scratch.drive(gated(scratch, attempt));
  await isHeld(scratch, attempt, driver);
  return driver;
}

describe('the last complete results', () => {
  test('the last results stay while another run continues, is interrupted or is killed, until its own are published', async ({
    scratch,
  }) => {
    await earlierResults(scratch);
    scratch.write('files/out/notes.txt', 'mine\n');
    const args = gated(scratch, 'reduce-1.1,reduce-1.2');
    const interrupted = scratch.drive(args);
    await isHeld(scratch, 'reduce-1.1', interrupted);
    const { stdout } = succeeded(await scratch.start(['show', 'files/out']).finished);
    expect(stdout).toContain('the top 2 of 2 lines in 3 output files');
    interrupted.signal('SIGINT');
    expect((await interrupted.finished).exitCode).toBe(130);
    expect(scratch.output()).toBe(BEFORE);
    const killed = scratch.drive(args);
    await isHeld(scratch, 'reduce-1.2', killed);
    await kill(killed);
    expect(scratch.output()).toBe(BEFORE);

    await scratch.done(args);

    expect(scratch.output()).toBe(EXPECTED);
    expect(readdirSync(join(scratch.state, 'out')).sort()).toEqual(['notes.txt', 'out-0', 'out-1']);
    expect(readdirSync(scratch.state).sort()).toEqual([
      'chunks',
      'history',
      'intermediate',
      'out',
      'run.json',
      'token',
    ]);
  });

  test('the last results stay if another run fails for good, and its partial results are removed', async ({
    scratch,
  }) => {
    await earlierResults(scratch);
    scratch.write('bad.txt', 'fine\n!throw\n');
    const args = ['-N', '2', '-M', '2', '-W', '2', '--job', MISBEHAVING, '--param', 'where=reduce', 'bad.txt'];
    const { exitCode } = await scratch.run([...args, '--max-attempts', '1']);
    expect(exitCode).toBe(3);
    expect(scratch.output()).toBe(BEFORE);
    expect(readdirSync(scratch.state).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  test('the last results stay if --fresh abandons an unfinished run, until the new run is done', async ({
    scratch,
  }) => {
    await earlierResults(scratch);
    await kill(await heldAt(scratch, 'reduce-1.1'));
    const args = [...gated(scratch, 'map-0.1'), '--fresh'];
    const fresh = scratch.drive(args);
    await isHeld(scratch, 'map-0.1', fresh);
    expect(scratch.output()).toBe(BEFORE);
    expect(readdirSync(scratch.state).filter((name) => name.startsWith('.'))).toHaveLength(1);
    scratch.write('gate/map-0.1', '');
    succeeded(await fresh.finished);
    expect(scratch.output()).toBe(EXPECTED);
  });

  test.runIf(canMount())(
    'the last results stay if new ones cannot be published, which the same command does later without running a task',
    async ({ scratch }) => {
      await earlierResults(scratch);
      const args = gated(scratch, 'reduce-1.1');
      const driver = scratch.drive(args);
      await isHeld(scratch, 'reduce-1.1', driver);
      {
        // A mount point can be neither renamed nor replaced.
        using _disk = new SmallDisk(join(scratch.state, 'out'), 1 << 20);
        scratch.write('gate/reduce-1.1', '');
        const { exitCode, stderr } = await driver.finished;
        expect(exitCode).toBe(6);
        expect(stderr).toMatch(/^mapreduce: .*files\/out: expected to rename it .* \(EBUSY\)/m);
      }
      expect(scratch.output()).toBe(BEFORE);

      const { stdout } = await scratch.done(args);

      expect(attemptsStarted(journal(scratch), 'resumed')).toEqual([]);
      expect(stdout).toContain('reused: 6 tasks');
      expect(scratch.output()).toBe(EXPECTED);
    },
  );
});

describe('a committed output', () => {
  test.for([
    ['has a flipped bit, and its times set back', flipBit],
    ['has a folder in its place', folderInstead],
  ] as const)('a committed output that %s while another one is made is made again', async ([, damage], { scratch }) => {
    const driver = await heldAt(scratch, 'reduce-1.1');
    damage(join(buildingIn(scratch.state), 'out-0'));
    scratch.write('gate/reduce-1.1', '');

    const { stderr } = succeeded(await driver.finished);

    expect(stderr).toMatch(/out-0: expected .*; reduce-0 runs again$/m);
    expect(committedAttempts(journal(scratch)).slice(-3)).toEqual(['reduce-0.1', 'reduce-1.1', 'reduce-0.2']);
    expect(scratch.output()).toBe(EXPECTED);
  });
});

describe('an attempt that reports success', () => {
  const NO_FILE = /expected a file of \d+ bytes, found none/;
  const OTHER = /expected a file of \d+ bytes, found something else/;
  const cut = (path: string): void => truncateSync(path, 9);

  test.for([
    ['a map attempt without its file', 'map-1.1', rmSync, NO_FILE],
    ['a map attempt whose file is cut short', 'map-1.1', cut, /expected a file of \d+ bytes, found 9 bytes/],
    ['a reduce attempt with a folder in the place of its file', 'reduce-0.1', folderInstead, OTHER],
    [
      'a reduce attempt whose file has a flipped bit',
      'reduce-0.1',
      flipBit,
      /expected what was committed, found another/,
    ],
  ] as const)('%s fails although it reported success', async ([, attempt, damage, message], { scratch }) => {
    const driver = await heldAt(scratch, attempt);
    const name = readdirSync(join(scratch.state, 'attempts')).find((one) => one.endsWith(attempt));
    const path = join(scratch.state, 'attempts', name!);
    // The driver is stopped, so that it receives the attempt's end after the file has been damaged.
    driver.signal('SIGSTOP');
    scratch.write(`gate/${attempt}`, '');
    await until('the attempt has written its file', () => readFileSync(path).at(-1) === LINE_END);
    damage(path);
    driver.signal('SIGCONT');

    const { stderr, stdout } = succeeded(await driver.finished);

    const line = stderr.split('\n').find((one) => one.startsWith(`${attempt} not committed: `));
    expect(line).toMatch(message);
    expect(line).toContain('(failure 1 of 4, tried again)');
    expect(stdout).toContain('1 attempt failed');
    expect(committedAttempts(journal(scratch))).toContain(attempt.replace(/1$/, '2'));
    expect(scratch.output()).toBe(EXPECTED);
  });
});

describe('names of outputs', () => {
  test('the names of eleven outputs and more sort in the order of their tasks', async ({ scratch }) => {
    const lines = Array.from({ length: 600 }, (_, line) => `${String(line * 7919).padStart(8, '0')}\n`);
    scratch.write('lines.txt', lines.toReversed().join(''));
    scratch.write(
      'sorting.ts',
      "import { defineJob, identity } from 'http-mapreduce';\n" +
        "export default defineJob({ name: 'sorting', partition: 'range', map(line: string, { emit }) { emit(line, null); }, reduce: identity });\n",
    );
    const { stdout } = await scratch.done([
      '-N',
      '2',
      '-M',
      '12',
      '-W',
      '2',
      '--job',
      './sorting.ts',
      '--json',
      'lines.txt',
    ]);
    const { outputs } = JSON.parse(stdout) as { outputs: string[] };
    expect(outputs[1]).toBe(join(scratch.state, 'out/out-01'));
    const shell = scratch.startProgram('sh', ['-c', 'cat files/out/out-*']);
    expect((await shell.finished).stdout).toBe(lines.join(''));
  });
});

describe('--output', () => {
  const output = ['--output', 'elsewhere/results'];

  test('results go to --output, even on another file system, and the folder identifies the unfinished run', async ({
    scratch,
  }) => {
    using _disk = canMount() ? new SmallDisk(join(scratch.dir, 'elsewhere'), 4 << 20) : undefined;
    await earlierResults(scratch);
    scratch.write('elsewhere/results/out-7', 'earlier\n');
    const args = [...holdingAt('reduce-1.1', library(scratch)), '--param', 'gate=gate'];
    const driver = scratch.drive([...args, ...output]);
    await isHeld(scratch, 'reduce-1.1', driver);
    expect(readFileSync(join(scratch.dir, 'elsewhere/results/out-7'), 'utf8')).toBe('earlier\n');
    await kill(driver);

    const other = await scratch.run(args);
    expect(other.exitCode).toBe(2);
    expect(other.stderr).toContain(`expected --output ${join(scratch.dir, 'elsewhere/results')}, found no --output; `);

    const { stdout } = await scratch.done([...args, ...output, '--json', '--verify']);
    const { outputs, reusedTasks } = JSON.parse(stdout) as { outputs: string[]; reusedTasks: number };
    expect(reusedTasks).toBe(5);
    const names = ['out-0', 'out-1'].map((name) => join(scratch.dir, 'elsewhere/results', name));
    expect(outputs).toEqual(names);
    expect(sortedLines(names.map((name) => readFileSync(name, 'utf8')).join(''))).toBe(EXPECTED);
    expect(readdirSync(join(scratch.dir, 'elsewhere'))).toEqual(['results']);
    expect(readdirSync(join(scratch.dir, 'elsewhere/results')).sort()).toEqual(['out-0', 'out-1']);
    expect(scratch.output()).toBe(BEFORE);

    const told = succeeded(await scratch.start(['history', runIds(scratch.state).at(-1)!]).finished);
    expect(told.stdout).toContain(`results: ${join(scratch.dir, 'elsewhere/results')}`);
    succeeded(await scratch.start(['reset']).finished);
    expect(readdirSync(join(scratch.dir, 'elsewhere/results'))).toHaveLength(2);
  });

  test('an --output folder that contains something else is refused before anything starts', async ({ scratch }) => {
    scratch.write('text.txt', 'one\n');
    scratch.write('elsewhere/results/notes.txt', 'mine\n');
    const { exitCode, stderr } = await scratch.run([...output, 'text.txt']);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(
      /^mapreduce: --output elsewhere\/results: expected no folder there, an empty one .* found "notes\.txt" in it; .*\n$/,
    );
    expect(scratch.files()).toEqual(['elsewhere/results/notes.txt', 'text.txt']);
  });
});

function folderInstead(path: string): void {
  rmSync(path);
  mkdirSync(path);
}

function flipBit(path: string): void {
  const bytes = readFileSync(path);
  bytes[bytes.length >> 1]! ^= 0x10;
  writeFileSync(path, bytes);
  utimesSync(path, 1, 1);
}
