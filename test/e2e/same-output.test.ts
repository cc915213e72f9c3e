// Tests the defaults of N, M and W, and that neither they nor the moment at which workers start change the output.

import { truncateSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';

import { describe, expect } from 'vitest';

import { HOLDING } from '../fixtures/paths.ts';
import { ROOT, sortedLines, test } from '../fixtures/scratch.ts';
import { countWords, LIBRARY, library } from '../fixtures/texts.ts';

const EXPECTED = countWords(Object.values(LIBRARY));
const CORES = availableParallelism();

/** Matches the plan that a run of these counts prints. */
function planned(maps: string, reduces: string, workers: string): RegExp {
  return new RegExp(`: ${maps}, ${reduces}, ${workers}, `);
}

describe('N, M and W', () => {
  test('sequential counts the same as the test itself', async ({ scratch }) => {
    expect(sortedLines(await scratch.sequential(library(scratch)))).toBe(EXPECTED);
    // The oracle prints its keys in order without help.
    expect(await scratch.sequential(library(scratch))).toBe(EXPECTED);
  });

  test('any N, M and W give the output of sequential, even if the workers were started before', async ({ scratch }) => {
    const texts = library(scratch);
    const shapes = ['-N 1 -M 1 -W 1', '-N 7 -M 3 -W 2', '-N 2 -M 11 -W 3', ''];
    for (const shape of shapes) {
      await scratch.done([...shape.split(' ').filter(Boolean), ...texts]);
      expect(scratch.output(), `spawned workers, ${shape}`).toBe(EXPECTED);
    }
    await scratch.workers(3);
    for (const shape of ['-N 30 -M 30', '-N 5 -M 4 -W 2', '-N 2 -M 1 -W 5', '']) {
      const { stderr } = await scratch.done([...shape.split(' ').filter(Boolean), ...texts]);
      expect(stderr).toMatch(/[23] of them listening already/);
      expect(scratch.output(), `waiting workers, ${shape}`).toBe(EXPECTED);
    }
  });

  test('little memory gives the same output, with hundreds of spills and merges of two files at a time', async ({
    scratch,
  }) => {
    const book = join(ROOT, 'inputs/moby-dick.txt');
    for (const job of ['word-count', 'indexer']) {
      const args = ['-N', '3', '-M', '2', '-W', '2', '--job', job, book];
      await scratch.done(args);
      const expected = scratch.output();
      const tight = await scratch.done(['--map-buffer', '64KiB', '--merge-fan-in', '2', ...args]);
      expect(scratch.output()).toBe(expected);
      expect(Number(/ ([\d,]+) spills/.exec(tight.stdout)?.[1])).toBeGreaterThan(job === 'indexer' ? 50 : 5);
      expect(scratch.files('files').filter((file) => file.includes('attempts'))).toEqual([]);
    }
  });

  test('workers that are started during a run disturb neither this run nor the next', async ({ scratch }) => {
    const texts = library(scratch);
    const gate = join(scratch.dir, 'gate');
    const shape = ['-N', '4', '-M', '2', '-W', '2', '--no-backup', '--job', HOLDING];
    const driver = scratch.drive([...shape, '--param', 'hold=map-0.1', '--param', `gate=${gate}`, ...texts]);
    await driver.line(/map-0\.1 waits/);

    const workers = await scratch.workers(2);
    // The driver's own two have the first ports.
    expect(workers.said.join('\n')).toContain(`port ${scratch.port} is held by something else`);
    expect(workers.said.at(-1)).toContain(`ports ${scratch.port + 2} to ${scratch.port + 3}`);
    scratch.write('gate/map-0.1', '');

    expect((await driver.finished).exitCode).toBe(0);
    expect(scratch.output()).toBe(EXPECTED);

    const { stderr } = await scratch.done([...shape, ...texts]);
    expect(stderr).toContain('2 workers, 2 of them listening already');
    expect(scratch.output()).toBe(EXPECTED);
  });

  test.for([
    ['inverted-index', []],
    ['indexer', []],
    ['grep', ['--param', 'pattern=\\bwhales?\\b']],
    ['word-count', ['--param', 'words=letters', '--param', 'case=keep']],
  ] as const)('the job %s gives the output of sequential', async ([job, params], { scratch }) => {
    const args = ['--job', job, ...params, ...library(scratch)];

    await scratch.done(['-N', '5', '-M', '3', '-W', '2', ...args]);

    const expected = sortedLines(await scratch.sequential(args));
    expect(expected.length).toBeGreaterThan(100);
    expect(scratch.output()).toBe(expected);
  });

  test('N, M and W have defaults: two maps and one reduce per worker, and one worker per core', async ({ scratch }) => {
    scratch.write('text.txt', 'a\nb\n');
    const three = scratch.drive(['-W', '3', 'text.txt']);
    await three.line(planned('6 map tasks', '3 reduce tasks', '3 workers'));
    expect((await three.finished).exitCode).toBe(0);
    expect(scratch.files('files/chunks')).toHaveLength(6);
    expect(scratch.files('files/out')).toHaveLength(3);

    const one = scratch.drive(['-N', '1', '-M', '1', 'text.txt']);
    await one.line(planned('1 map task', '1 reduce task', '1 worker'));
    expect((await one.finished).exitCode).toBe(0);

    const all = scratch.drive(['-N', '30', '-M', '30', 'text.txt']);
    const workers = Math.min(30, CORES);
    await all.line(planned('30 map tasks', '30 reduce tasks', `${workers} workers?`));
    all.signal('SIGINT');
    await all.finished;
  });

  test('N is one per 32 MiB for a big input', async ({ scratch }) => {
    // 321 MiB that take no space; nothing needs to be mapped to see the plan.
    scratch.write('big.txt', '');
    truncateSync(join(scratch.dir, 'big.txt'), 321 * 1024 * 1024);
    const driver = scratch.drive(['-W', '1', 'big.txt']);
    await driver.line(planned('11 map tasks', '1 reduce task', '1 worker'));
    driver.signal('SIGINT');
    expect((await driver.finished).exitCode).not.toBe(0);
  });
});
