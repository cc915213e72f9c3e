// Tests that the same command continues the run of a driver that was killed at any moment: committed tasks are reused, the rest
// are run, and the output is that of an undisturbed run.

import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect } from 'vitest';

import { attemptsStarted, journal, runIds } from '../fixtures/journals.ts';
import { holdingAt, isHeld, kill, killedAt } from '../fixtures/killed-driver.ts';
import { HOLDING, HOLDING_SAMPLE } from '../fixtures/paths.ts';
import { isAlive } from '../fixtures/processes.ts';
import { type Scratch, succeeded, test } from '../fixtures/scratch.ts';
import { countWords, LIBRARY, library } from '../fixtures/texts.ts';
import { until } from '../fixtures/until.ts';

const EXPECTED = countWords(Object.values(LIBRARY));

/** The outputs of the same tasks in an undisturbed run, file by file. */
async function undisturbed(scratch: Scratch, texts: readonly string[]): Promise<string[]> {
  await scratch.done(['--dir', 'calm', '-N', '4', '-M', '2', '-W', '2', '--job', HOLDING, ...texts]);
  return scratch.outputs(join(scratch.dir, 'calm'));
}

/** Returns the identity of a file, which changes when the file is written again. */
function inodes({ state }: Scratch, names: readonly string[]): number[] {
  return names.map((name) => statSync(join(state, name)).ino);
}

describe('the same command after kill -9 of the driver', () => {
  test('a run continues in the map phase without repeating committed tasks', async ({ scratch }) => {
    const texts = library(scratch);
    const args = holdingAt('map-2.1', texts);
    await killedAt(scratch, 'map-2.1', args);
    const kept = ['intermediate/mr-0', 'intermediate/mr-1', 'chunks/chunk_3.msgpack'];
    const before = inodes(scratch, kept);

    const result = await scratch.done([...args, '--verify']);

    expect(result.stderr).toMatch(/^continues run \S+, of which 2 of 4 map tasks and 0 of 2 reduce tasks were/m);
    expect(result.stdout).toContain('reused: 2 tasks that an earlier driver had committed');
    expect(result.stdout).toContain('verified: the same');
    expect(attemptsStarted(journal(scratch), 'resumed')).toEqual(['map-2.2', 'map-3.1', 'reduce-0.1', 'reduce-1.1']);
    expect(inodes(scratch, kept)).toEqual(before);
    expect(scratch.outputs()).toEqual(await undisturbed(scratch, texts));
    expect(runIds(scratch.state)).toHaveLength(1);
  });

  test('a run continues in the reduce phase, and after a second death of the driver', async ({ scratch }) => {
    const texts = library(scratch);
    const args = holdingAt('map-3.1,reduce-0.1,reduce-1.1', texts);
    await killedAt(scratch, 'map-3.1', args);
    await killedAt(scratch, 'reduce-0.1', args);
    await killedAt(scratch, 'reduce-1.1', args);

    const result = await scratch.done(args);

    expect(result.stderr).toMatch(/of which 4 of 4 map tasks and 1 of 2 reduce tasks were committed/);
    expect(result.stdout).toContain('reused: 5 tasks');
    expect(attemptsStarted(journal(scratch), 'resumed')).toEqual(['reduce-1.2']);
    expect(scratch.outputs()).toEqual(await undisturbed(scratch, texts));
    expect(readdirSync(scratch.state)).not.toContain('attempts');
  });

  test('a run continues if the driver died while it wrote the chunks', async ({ scratch }) => {
    const text = 'the quick brown fox jumps over the lazy dog\n'.repeat(500_000);
    scratch.write('big.txt', text);
    const args = ['-N', '300', '-M', '2', '-W', '2', 'big.txt'];
    const driver = scratch.drive(args);
    await until('a chunk is there', () => scratch.files().includes('files/chunks/chunk_0.msgpack'));
    await kill(driver);

    const result = await scratch.done(args);

    expect(result.stderr).toMatch(/^continues run /m);
    expect(scratch.output()).toBe(countWords([text]));
  });

  test('a run starts over if the driver had only begun', async ({ scratch }) => {
    scratch.write('text.txt', 'one\ntwo\nthree\n');
    const args = ['-N', '2', '-M', '2', '-W', '1', '--job', HOLDING_SAMPLE, '--param', 'gate=gate', 'text.txt'];
    const driver = scratch.drive(args);
    await driver.line(/^\[job\] the sample waits$/);
    await kill(driver);
    scratch.write('gate', '');

    await scratch.done(args);

    expect(scratch.outputs().join('')).toBe('one\t1\nthree\t1\ntwo\t1\n');
  });

  test('a run continues after Ctrl-C has ended it in order', async ({ scratch }) => {
    const args = holdingAt('map-2.1', library(scratch));
    const driver = scratch.drive(args);
    await isHeld(scratch, 'map-2.1', driver);
    driver.signal('SIGINT');
    const interrupted = await driver.finished;
    expect(interrupted.exitCode).toBe(130);
    expect(interrupted.stderr).toMatch(/run the same command again to continue/);

    const result = await scratch.done(args);

    expect(result.stdout).toContain('reused: 2 tasks');
    expect(scratch.output()).toBe(EXPECTED);
  });

  test('a run may continue with other limits, workers and buffers', async ({ scratch }) => {
    const [held, others] = [holdingAt('map-2.1', library(scratch)), ['--max-attempts', '2', '--map-buffer', '64KiB']];
    await killedAt(scratch, 'map-2.1', held);

    const result = await scratch.done([...held, ...others, '-W', '3', '--chunks', 'reference', '--no-backup']);

    expect(result.stdout).toContain('reused: 2 tasks');
    expect(result.stderr).toContain(', 3 workers, ');
    expect(scratch.output()).toBe(EXPECTED);
  });

  test('the same command begins a new run if the last one has ended', async ({ scratch }) => {
    scratch.write('text.txt', 'one two\n');
    await scratch.done(['-W', '1', 'text.txt']);

    const again = await scratch.done(['-W', '1', 'text.txt']);

    expect(again.stderr).not.toContain('goes on');
    expect(again.stdout).not.toContain('reused');
    expect(runIds(scratch.state)).toHaveLength(2);
  });

  test('the same command with --fresh starts over', async ({ scratch }) => {
    const args = holdingAt('map-2.1,map-2.2', library(scratch));
    await killedAt(scratch, 'map-2.1', args);

    const driver = scratch.drive([...args, '--fresh']);
    await isHeld(scratch, 'map-2.1', driver);
    expect(attemptsStarted(journal(scratch))).toEqual(['map-0.1', 'map-1.1', 'map-2.1']);
    expect(driver.said.join('\n')).not.toContain('goes on');
    await kill(driver);

    expect(runIds(scratch.state)).toHaveLength(2);
    const result = await scratch.done([...args, '--fresh', '--param', 'hold=none']);
    expect(result.stdout).not.toContain('reused');
    expect(scratch.output()).toBe(EXPECTED);
  });
});

describe('a waiting worker with an attempt of the dead driver', () => {
  test('a waiting worker gives up an attempt of a dead driver, and serves the next driver', async ({ scratch }) => {
    const args = holdingAt('map-2.1', library(scratch));
    const workers = await scratch.workers(1);
    const driver = scratch.drive(args);
    const pid = await isHeld(scratch, 'map-2.1', driver, workers);
    await kill(driver);

    const result = await scratch.done(args);

    expect(result.stderr).toContain('1 worker, 1 of them listening already');
    expect(isAlive(pid)).toBe(true);
    expect(result.stdout).toContain('reused: 2 tasks');
    expect(scratch.output()).toBe(EXPECTED);
  });

  test('a waiting worker that wakes up after the run has continued does not change the output', async ({ scratch }) => {
    scratch.write('gate/map-2.1', '');
    const args = [...holdingAt('map-2.1,map-3.1', library(scratch)), '--param', 'gate=gate'];
    const workers = await scratch.workers(1);
    const driver = scratch.drive(args);
    const pid = await isHeld(scratch, 'map-3.1', driver, workers);
    process.kill(pid, 'SIGSTOP');
    await kill(driver);
    scratch.write('gate/map-3.1', '');

    const again = scratch.drive(args);
    await again.line(/^map 4 of 4 tasks committed$/);
    process.kill(pid, 'SIGCONT');
    const result = succeeded(await again.finished);

    expect(result.stderr).toMatch(/nothing listens where the workers command had started it/);
    expect(result.stdout).toContain('reused: 3 tasks');
    expect(scratch.output()).toBe(EXPECTED);
    expect(readdirSync(scratch.state)).not.toContain('attempts');
  });
});
