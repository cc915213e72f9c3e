// A journal that a crash has torn, or a disk has changed, is believed as far as it is whole, and no further.

import { readFileSync, truncateSync, writeFileSync } from 'node:fs';

import { describe, expect } from 'vitest';

import { attemptsStarted, committedAttempts, journal, journalPath } from '../fixtures/journals.ts';
import { holdingAt, killedAt } from '../fixtures/killed-driver.ts';
import { type Scratch, test } from '../fixtures/scratch.ts';
import { countWords, LIBRARY, library } from '../fixtures/texts.ts';

const EXPECTED = countWords(Object.values(LIBRARY));

/** Kills the driver when all maps and the first reduce are committed. Answers the command, which is not held any more. */
async function killedInReduce(scratch: Scratch): Promise<string[]> {
  const args = [...holdingAt('reduce-1.1', library(scratch)), '--param', 'gate=gate'];
  await killedAt(scratch, 'reduce-1.1', args);
  expect(committedAttempts(journal(scratch))).toHaveLength(5);
  scratch.write('gate/reduce-1.1', '');
  return args;
}

/** Where the line begins that `pattern` finds, and where it ends. */
function lineOf(text: string, pattern: RegExp): [begin: number, end: number] {
  const found = pattern.exec(text)!;
  return [text.lastIndexOf('\n', found.index) + 1, text.indexOf('\n', found.index) + 1];
}

const COMMITTED = (attempt: string): RegExp => new RegExp(`"type":"task-committed","attempt":"${attempt}"`);

describe('a journal whose end is missing', () => {
  test.for([
    ['within its last line', (text: string) => lineOf(text, COMMITTED('reduce-0\\.1'))[1] - 7, 4],
    ['before its last line end', (text: string) => lineOf(text, COMMITTED('reduce-0\\.1'))[1] - 1, 4],
    ['at a line end', (text: string) => lineOf(text, COMMITTED('reduce-0\\.1'))[1], 5],
    ['before what was committed last', (text: string) => lineOf(text, COMMITTED('reduce-0\\.1'))[0], 4],
    ['within an earlier line', (text: string) => lineOf(text, COMMITTED('map-2\\.1'))[0] + 20, 2],
    ['before its chunks', (text: string) => lineOf(text, /"chunks-written"/)[0], 0],
  ] as const)('%s is gone on with from there', async ([, cut, reused], { scratch }) => {
    const args = await killedInReduce(scratch);
    const path = journalPath(scratch);
    truncateSync(path, cut(readFileSync(path, 'utf8')));

    const result = await scratch.done([...args, '--verify']);

    expect(result.stderr).toMatch(/^continues run /m);
    if (reused > 0) expect(result.stdout).toContain(`reused: ${reused} tasks`);
    else expect(result.stdout).not.toContain('reused');
    expect(attemptsStarted(journal(scratch), 'resumed')).toHaveLength(6 - reused);
    expect(scratch.output()).toBe(EXPECTED);
  });

  test.for([
    ['within its first line', 10],
    ['altogether', 0],
  ] as const)('%s is no journal of anything: the run starts over', async ([, bytes], { scratch }) => {
    const args = await killedInReduce(scratch);
    truncateSync(journalPath(scratch), bytes);

    const result = await scratch.done(args);

    expect(result.stderr).not.toContain('goes on');
    expect(scratch.output()).toBe(EXPECTED);
  });
});

describe('a journal that is damaged', () => {
  test.for([
    ['in the middle of a line', (bytes: Buffer, at: number): unknown => (bytes[at + 30]! ^= 1)],
    ['at a line end', (bytes: Buffer, at: number): unknown => (bytes[bytes.indexOf('\n', at)] = 0x20)],
    ['by bytes that are no text', (bytes: Buffer, at: number) => bytes.fill(0xff, at)],
    ['by zeros', (bytes: Buffer, at: number) => bytes.fill(0, at)],
  ] as const)('%s is believed up to there', async ([, damage], { scratch }) => {
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
