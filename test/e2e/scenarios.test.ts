// Tests the scenarios of test-mr.sh of MIT's course 6.5840, lab 1 (2024), on our own inputs, with our own jobs.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect } from 'vitest';

import { isAlive } from '../fixtures/processes.ts';
import { type Scratch, sortedLines, test } from '../fixtures/scratch.ts';
import { countWords, LIBRARY, library } from '../fixtures/texts.ts';
import { until } from '../fixtures/until.ts';

/** Returns the contents of out/, by name. */
function outputsByName({ state }: Scratch): Record<string, string> {
  const out = join(state, 'out');
  return Object.fromEntries(readdirSync(out).map((name) => [name, readFileSync(join(out, name), 'utf8')]));
}

describe('the scenarios of MIT 6.5840', () => {
  test('word count: three workers that wait give the output of a sequential run', async ({ scratch }) => {
    const texts = library(scratch);
    await scratch.workers(3);

    const { stderr } = await scratch.done(['-N', '8', '-M', '10', '--job', 'word-count', ...texts]);

    expect(stderr).toContain('3 workers, 3 of them listening already');
    expect(scratch.output()).toBe(sortedLines(await scratch.sequential(texts)));
    expect(scratch.output()).toBe(countWords(Object.values(LIBRARY)));
  });

  test('indexer: two workers give the output of a sequential run', async ({ scratch }) => {
    const texts = library(scratch);

    await scratch.done(['-N', '8', '-M', '10', '-W', '2', '--job', 'indexer', ...texts]);

    expect(scratch.output()).toBe(sortedLines(await scratch.sequential(['--job', 'indexer', ...texts])));
    expect(scratch.output()).toContain('\nthe\t3 kjv.txt,moby.txt,sotu.txt\n');
  });

  test('map parallelism: two maps overlap on two workers', async ({ scratch }) => {
    const texts = library(scratch);
    await scratch.workers(2);

    await scratch.done(['-N', '6', '-M', '2', '--job', 'map-timing', '--param', 'ms=300', ...texts]);

    expect(scratch.output()).toBe('map tasks at the same time\t2\n');
  });

  test('reduce parallelism: two reduces overlap on two workers', async ({ scratch }) => {
    scratch.write('letters.txt', 'a\nb\nc\nd\ne\nf\n');

    const shape = ['-N', '2', '-M', '6', '-W', '2'];
    await scratch.done([...shape, '--job', 'reduce-timing', '--param', 'ms=400', 'letters.txt']);

    const running = new Map(
      scratch
        .output()
        .trimEnd()
        .split('\n')
        .map((line) => line.split('\t') as [string, string]),
    );
    expect([...running.keys()]).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
    expect(Math.max(...[...running.values()].map(Number))).toBe(2);
  });

  test('job count: with four workers, each map runs exactly once', async ({ scratch }) => {
    const texts = library(scratch);
    await scratch.workers(4);
    const counts = join(scratch.dir, 'counts');

    await scratch.done(['-N', '9', '-M', '3', '--job', 'job-count', '--param', `dir=${counts}`, ...texts]);

    expect(scratch.output()).toBe(Array.from({ length: 9 }, (_, task) => `map-${task}\t1\n`).join(''));
    const attempts = readdirSync(counts).map((name) => readFileSync(join(counts, name), 'utf8'));
    expect(attempts.sort()).toEqual(Array.from({ length: 9 }, (_, task) => `map-${task}.1\n`));
  });

  test.for(['its own workers', 'workers that wait'])(
    'early exit: no driver, and no worker of %s, exits while output can still change',
    async (mode, { scratch }) => {
      const texts = library(scratch);
      if (mode === 'workers that wait') await scratch.workers(2);
      const standing = scratch.processes();
      const args = ['-N', '4', '-M', '4', '-W', '2', '--job', 'reduce-delay', '--param', 'ms=400', ...texts];

      const driver = scratch.drive(args);
      await until(
        'the first process ends',
        () => driver.ended || [...standing, ...driver.workerPids()].some((pid) => !isAlive(pid)),
      );
      const atFirstEnd = outputsByName(scratch);
      const { exitCode } = await driver.finished;

      expect(exitCode).toBe(0);
      expect(outputsByName(scratch)).toEqual(atFirstEnd);
      expect(Object.keys(atFirstEnd)).toEqual(['out-0', 'out-1', 'out-2', 'out-3']);
      expect(scratch.output()).toBe(
        sortedLines(await scratch.sequential(['--job', 'reduce-delay', '--param', 'ms=1', ...texts])),
      );
    },
  );

  test('crash: maps and reduces that die or stall at random give the output of a run without crashes', async ({
    scratch,
  }) => {
    // The job draws without a seed. The driver's output shows what it drew, and a failure of this test prints that output.
    const texts = [...library(scratch), ...['x', 'y', 'z'].map((name) => scratch.write(name, 'one\ntwo\n'))];
    const shape = ['-N', '8', '-M', '6', '-W', '3', '--job', 'crash'];
    await scratch.done([...shape, '--param', 'die=0', '--param', 'stall=0', ...texts]);
    const expected = scratch.outputs();

    const limits = ['--max-attempts', '30', '--max-respawns', '200'];
    const crashed = await scratch.done([...shape, ...limits, '--param', 'ms=300', ...texts]);

    expect(scratch.outputs(), crashed.stderr).toEqual(expected);
    expect(scratch.processes()).toEqual([]);
  });
});
