// Tests that a file of the run which is damaged, cut short or missing is made again, and that the output is never wrong.

import { appendFileSync, readFileSync, rmSync, statSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect } from 'vitest';

import { attemptsStarted, committedAttempts, journal } from '../fixtures/journals.ts';
import { holdingAt, isHeld, killedAt } from '../fixtures/killed-driver.ts';
import { STAMPED } from '../fixtures/paths.ts';
import { buildingIn } from '../fixtures/results.ts';
import type { RunningCommand } from '../fixtures/running-command.ts';
import { type Scratch, succeeded, test } from '../fixtures/scratch.ts';
import { countWords, LIBRARY, library } from '../fixtures/texts.ts';

const EXPECTED = countWords(Object.values(LIBRARY));

/** Ways to damage a file. */
const DAMAGES = [
  ['with a flipped bit', flipBit],
  ['that is cut short', (path: string): void => truncateSync(path, statSync(path).size - 5)],
  ['that is empty', (path: string): void => truncateSync(path)],
  ['that is gone', (path: string): void => rmSync(path)],
  ['with extra bytes at its end', (path: string): void => appendFileSync(path, 'more')],
] as const;

function flipBit(path: string): void {
  const bytes = readFileSync(path);
  bytes[bytes.length >> 1]! ^= 0x10;
  writeFileSync(path, bytes);
}

/** Returns lines that each become a different key. */
const LINES = Array.from({ length: 400 }, (_, line) => `${line}\n`).join('');

/** Returns the attempts whose values are in the output of the job `stamped`, which contains each line once. */
function stamps(scratch: Scratch): Set<string> {
  const lines = scratch.output().trimEnd().split('\n');
  expect(lines).toHaveLength(400);
  return new Set(lines.map((line) => line.split('\t')[1]!));
}

/** Runs until an attempt is held. */
async function heldAt(scratch: Scratch, attempt: string, args: readonly string[]): Promise<RunningCommand> {
  const driver = scratch.drive([...args, '--param', 'gate=gate']);
  await isHeld(scratch, attempt, driver);
  return driver;
}

describe('a map output', () => {
  test.for(DAMAGES)(
    'a map output %s before it is read is made again by its map task',
    async ([, damage], { scratch }) => {
      // The held attempt is the last of the map tasks, so no outputs of the others have been read yet.
      const driver = await heldAt(scratch, 'map-3.1', [...holdingAt('map-3.1', library(scratch)), '--verify']);
      damage(join(scratch.state, 'intermediate/mr-1'));
      scratch.write('gate/map-3.1', '');

      const result = succeeded(await driver.finished);

      expect(result.stderr).toMatch(/^reduce-\d\.1 failed: \S+mr-1: .*\(made again, and tried again\)$/m);
      expect(result.stderr).toMatch(/^map-1: its file is discarded and made again$/m);
      expect(committedAttempts(journal(scratch)).filter((attempt) => attempt.startsWith('map-1'))).toEqual([
        'map-1.1',
        'map-1.2',
      ]);
      expect(result.stdout).toContain('verified: ');
      expect(scratch.output()).toBe(EXPECTED);
    },
  );

  test('no output of a nondeterministic job has values of two attempts of one map task', async ({ scratch }) => {
    scratch.write('text.txt', LINES);
    const args = ['-N', '3', '-M', '4', '-W', '1', '--job', STAMPED, '--param', 'hold=reduce-2.1', 'text.txt'];
    const driver = await heldAt(scratch, 'reduce-2.1', args);
    // Two reduce tasks are committed. The worker has read the small files ahead, so another worker must continue.
    flipBit(join(scratch.state, 'intermediate/mr-1'));
    process.kill(driver.workerPids()[0]!, 'SIGKILL');

    const result = succeeded(await driver.finished);

    expect(result.stderr).toMatch(/^map-1: its file is discarded and made again$/m);
    expect(result.stderr).toMatch(/^reduce-0: its file is discarded and made again$/m);
    expect(stamps(scratch)).toEqual(new Set(['map-0.1', 'map-1.2', 'map-2.1']));
  });

  test('no output of a nondeterministic job mixes attempts if a map output is lost while no driver runs', async ({
    scratch,
  }) => {
    scratch.write('text.txt', LINES);
    const args = ['-N', '3', '-M', '4', '-W', '1', '--job', STAMPED, '--param', 'hold=reduce-2.1', 'text.txt'];
    await killedAt(scratch, 'reduce-2.1', args);
    rmSync(join(scratch.state, 'intermediate/mr-1'));

    await scratch.done(args);

    expect(stamps(scratch)).toEqual(new Set(['map-0.1', 'map-1.2', 'map-2.1']));
  });
});

describe('a chunk', () => {
  for (const mode of ['copy', 'reference']) {
    test.for(DAMAGES)(`a chunk %s is written again with --chunks ${mode}`, async ([how, damage], { scratch }) => {
      const args = [...holdingAt('map-0.1', library(scratch)), '--chunks', mode];
      const driver = await heldAt(scratch, 'map-0.1', args);
      damage(join(scratch.state, 'chunks/chunk_2.msgpack'));
      scratch.write('gate/map-0.1', '');

      const result = succeeded(await driver.finished);

      expect(result.stderr, how).toMatch(/^map-2\.1 failed: \S+chunk_2\.msgpack: .*\(made again, and tried again\)$/m);
      expect(result.stderr).toMatch(/^chunk 2 written again$/m);
      expect(attemptsStarted(journal(scratch))).toContain('map-2.2');
      expect(scratch.output()).toBe(EXPECTED);
    });
  }
});

describe('damage between two drivers', () => {
  test.for(DAMAGES)(
    'every file %s is detected and made again if it is damaged between two drivers',
    async ([, damage], { scratch }) => {
      const args = holdingAt('reduce-1.1', library(scratch));
      await killedAt(scratch, 'reduce-1.1', args);
      const building = buildingIn(scratch.state);
      for (const name of ['chunks/chunk_0.msgpack', 'intermediate/mr-1']) damage(join(scratch.state, name));
      damage(join(building, 'out-0'));

      const result = await scratch.done([...args, '--verify']);

      expect(result.stderr).toMatch(/intermediate\/mr-1: expected .*; map-1 runs again$/m);
      expect(result.stderr).toMatch(/new\/out-0: expected .*; reduce-0 runs again$/m);
      expect(result.stdout).toContain('reused: 3 tasks');
      expect(attemptsStarted(journal(scratch), 'resumed').sort()).toEqual(['map-1.2', 'reduce-0.2', 'reduce-1.2']);
      expect(scratch.output()).toBe(EXPECTED);
    },
  );
});

describe('an input that changes during the job', () => {
  const CHANGES = [
    ['grows', (path: string) => appendFileSync(path, 'more\n')],
    ['is touched', (path: string) => utimesSync(path, 1, 1)],
    ['is gone', (path: string) => rmSync(path)],
  ] as const;

  for (const mode of ['copy', 'reference']) {
    test.for(CHANGES)(
      `an input that %s during the job ends it with exit code 5 and the name of the input, with --chunks ${mode}`,
      async ([, change], { scratch }) => {
        const args = [...holdingAt('map-0.1', library(scratch)), '--chunks', mode];
        const driver = await heldAt(scratch, 'map-0.1', args);
        change(join(scratch.dir, 'polyglot.txt'));
        scratch.write('gate/map-0.1', '');

        const { exitCode, stderr, stdout } = await driver.finished;

        expect(exitCode).toBe(5);
        expect(stderr).toMatch(/^mapreduce: map-3 failed on worker 1: .*polyglot\.txt/m);
        expect(stdout).toBe('');
      },
    );
  }

  test('an input that changes ends the job even if its chunk has to be written again', async ({ scratch }) => {
    const args = holdingAt('map-0.1', library(scratch));
    const driver = await heldAt(scratch, 'map-0.1', args);
    appendFileSync(join(scratch.dir, 'polyglot.txt'), 'more\n');
    flipBit(join(scratch.state, 'chunks/chunk_3.msgpack'));
    scratch.write('gate/map-0.1', '');
    const { exitCode, stderr } = await driver.finished;
    expect(exitCode).toBe(5);
    expect(stderr).toMatch(/^mapreduce: .*polyglot\.txt/m);
  });
});
