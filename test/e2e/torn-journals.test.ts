// Tests that a journal which was torn by a crash, or changed by a disk, is trusted up to the damage, and no further.

import { readFileSync, truncateSync, writeFileSync } from 'node:fs';

import { describe, expect } from 'vitest';

import { attemptsStarted, committedAttempts, journal, journalPath } from '../fixtures/journals.ts';
import { holdingAt, killedAt } from '../fixtures/killed-driver.ts';
import { type Scratch, test } from '../fixtures/scratch.ts';
import { countWords, LIBRARY, library } from '../fixtures/texts.ts';

const EXPECTED = countWords(Object.values(LIBRARY));

/** Kills the driver when all maps and the first reduce are committed. Returns the command, without the hold. */
async function killedInReduce(scratch: Scratch): Promise<string[]> {
  const args = [...holdingAt('reduce-1.1', library(scratch)), '--param', 'gate=gate'];
  await killedAt(scratch, 'reduce-1.1', args);
  expect(committedAttempts(journal(scratch))).toHaveLength(5);
  scratch.write('gate/reduce-1.1', '');
  return args;
}

/** Returns the start and the end of the line that matches `pattern`. */
function lineOf(text: string, pattern: RegExp): [begin: number, end: number] {
  const found = pattern.exec(text)!;
  return [text.lastIndexOf('\n', found.index) + 1, text.indexOf('\n', found.index) + 1];
}

const COMMITTED = (attempt: string): RegExp => new RegExp(`"type":"task-committed","attempt":"${attempt}"`);

describe('a journal that is cut', () => {
  test.for([
    ['within its last line', (text: string) => lineOf(text, COMMITTED('reduce-0\\.1'))[1] - 7, 4],
    ['before its last line end', (text: string) => lineOf(text, COMMITTED('reduce-0\\.1'))[1] - 1, 4],
    ['at a line end', (text: string) => lineOf(text, COMMITTED('reduce-0\\.1'))[1], 5],
    ['before the last commit', (text: string) => lineOf(text, COMMITTED('reduce-0\\.1'))[0], 4],
    ['within an earlier line', (text: string) => lineOf(text, COMMITTED('map-2\\.1'))[0] + 20, 2],
    ['before its chunks', (text: string) => lineOf(text, /"chunks-written"/)[0], 0],
  ] as const)(
    'a run continues from the place at which its journal is cut: %s',
    async ([, cut, reused], { scratch }) => {
      const args = await killedInReduce(scratch);
      const path = journalPath(scratch);
      truncateSync(path, cut(readFileSync(path, 'utf8')));

      const result = await scratch.done([...args, '--verify']);

      expect(result.stderr).toMatch(/^continues run /m);
      if (reused > 0) expect(result.stdout).toContain(`reused: ${reused} tasks`);
      else expect(result.stdout).not.toContain('reused');
      expect(attemptsStarted(journal(scratch), 'resumed')).toHaveLength(6 - reused);
      expect(scratch.output()).toBe(EXPECTED);
    },
  );

  test.for([
    ['within its first line', 10],
    ['at its start', 0],
  ] as const)('a run starts over if its journal is cut %s', async ([, bytes], { scratch }) => {
    const args = await killedInReduce(scratch);
    truncateSync(journalPath(scratch), bytes);

    const result = await scratch.done(args);

    expect(result.stderr).not.toContain('goes on');
    expect(scratch.output()).toBe(EXPECTED);
  });
});

describe('a damaged journal', () => {
  test.for([
    ['in the middle of a line', (bytes: Buffer, at: number): unknown => (bytes[at + 30]! ^= 1)],
    ['at a line end', (bytes: Buffer, at: number): unknown => (bytes[bytes.indexOf('\n', at)] = 0x20)],
    ['by bytes that are not text', (bytes: Buffer, at: number) => bytes.fill(0xff, at)],
    ['by zeros', (bytes: Buffer, at: number) => bytes.fill(0, at)],
  ] as const)('a journal that is damaged %s is trusted up to the damage', async ([, damage], { scratch }) => {
    const args = await killedInReduce(scratch);
    const path = journalPath(scratch);
    const bytes = readFileSync(path);
    damage(bytes, lineOf(bytes.toString('latin1'), COMMITTED('map-1\\.1'))[0]);
    writeFileSync(path, bytes);

    const result = await scratch.done([...args, '--verify']);

    expect(result.stdout).toContain('reused: 1 task ');
    expect(committedAttempts(journal(scratch)).slice(0, 2)).toEqual(['map-0.1', 'map-1.2']);
    expect(scratch.output()).toBe(EXPECTED);
    const told = await scratch.start(['history', '2']).finished;
    expect(told.stdout, 'the journal is whole again').not.toContain('torn');
  });
});
