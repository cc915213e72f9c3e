// Tests which files a run leaves, and that no temporary files are among them.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { unpack } from 'msgpackr';
import { describe, expect } from 'vitest';

import { HOLDING } from '../fixtures/paths.ts';
import { outputName } from '../../src/workspace/result-set.ts';
import { type Scratch, test } from '../fixtures/scratch.ts';

const TEXT = 'one two three\ntwo three\nthree\nfour\n';

/** Returns all files of a run of N map and M reduce tasks, sorted. */
function filesOf(mapCount: number, reduceCount: number): string[] {
  return [
    ...Array.from({ length: mapCount }, (_, task) => `files/chunks/chunk_${task}.msgpack`),
    ...Array.from({ length: mapCount }, (_, task) => `files/intermediate/mr-${task}`),
    ...Array.from({ length: reduceCount }, (_, task) => `files/out/${outputName(task, reduceCount)}`),
    'files/run.json',
    'files/token',
    'text.txt',
  ].sort();
}

/** Returns all files except the journals and reports of the runs so far, of which there is one per run. */
function filesIn(scratch: Scratch): string[] {
  return scratch.files().filter((file) => !/^files\/history\/[\w-]+\/(journal\.ndjson|report\.html)$/.test(file));
}

/** Returns the bytes in the chunk files, in order. */
function chunked(scratch: Scratch, count: number): string {
  const chunk = (task: number): unknown => unpack(readFileSync(join(scratch.state, `chunks/chunk_${task}.msgpack`)));
  return Array.from({ length: count }, (_, task) => chunk(task) as { slices: { bytes: Uint8Array }[] })
    .flatMap(({ slices }) => slices.map(({ bytes }) => Buffer.from(bytes).toString()))
    .join('');
}

describe('files of a run', () => {
  test('a run leaves N chunks, N map outputs and M outputs, and nothing else, even if partitions are empty', async ({
    scratch,
  }) => {
    scratch.write('text.txt', TEXT);

    await scratch.done(['-N', '3', '-M', '12', '-W', '2', 'text.txt']);

    expect(filesIn(scratch)).toEqual(filesOf(3, 12));
    expect(chunked(scratch, 3)).toBe(TEXT);
    expect(scratch.outputs().filter((text) => text === '').length).toBeGreaterThanOrEqual(8);
    expect(scratch.output()).toBe('four\t1\none\t1\nthree\t3\ntwo\t2\n');
  });

  test('a run leaves all its files for an empty input, and for more chunks than records', async ({ scratch }) => {
    scratch.write('text.txt', '');
    await scratch.done(['-N', '4', '-M', '2', '-W', '1', 'text.txt']);
    expect(filesIn(scratch)).toEqual(filesOf(4, 2));
    expect(scratch.outputs()).toEqual(['', '']);

    scratch.write('text.txt', TEXT);
    await scratch.done(['-N', '9', '-M', '1', '-W', '1', 'text.txt']);
    expect(filesIn(scratch)).toEqual(filesOf(9, 1));
    expect(chunked(scratch, 9)).toBe(TEXT);
    expect(scratch.outputs()).toEqual(['four\t1\none\t1\nthree\t3\ntwo\t2\n']);
  });

  test('a run leaves no temporary files if attempts were lost on the way', async ({ scratch }) => {
    scratch.write('text.txt', TEXT);
    const held = ['--no-backup', '--job', HOLDING, '--param', 'hold=map-1.1,map-1.2,reduce-0.1'];
    const driver = scratch.drive(['-N', '3', '-M', '1', '-W', '2', ...held, 'text.txt']);
    for (const attempt of ['map-1.1', 'map-1.2', 'reduce-0.1']) {
      const [, pid] = await driver.line(new RegExp(`${RegExp.escape(attempt)} waits in process (\\d+)`));
      process.kill(Number(pid), 'SIGKILL');
    }

    expect((await driver.finished).exitCode).toBe(0);
    expect(filesIn(scratch)).toEqual(filesOf(3, 1));
  });

  test('a run leaves no temporary files if it failed or was ended by Ctrl-C', async ({ scratch }) => {
    scratch.write('text.txt', TEXT);
    scratch.write(
      'fails.ts',
      `export default { name: 'f', map(l, { emit }) { emit(l, 1); }, reduce() { throw Error('x') } }`,
    );

    const failed = await scratch.run(['-N', '2', '-M', '1', '-W', '2', '--job', 'fails.ts', 'text.txt']);
    expect(failed.exitCode).toBe(3);
    expect(filesIn(scratch)).toEqual([...filesOf(2, 0), 'fails.ts'].sort());

    const driver = scratch.drive([
      '-N',
      '2',
      '-M',
      '1',
      '-W',
      '2',
      '--no-backup',
      '--job',
      HOLDING,
      '--param',
      'hold=map-0.1',
      'text.txt',
    ]);
    await driver.line(/map-0\.1 waits/);
    driver.signal('SIGINT');
    expect((await driver.finished).exitCode).toBe(130);
    const left = filesIn(scratch).filter((file) => file !== 'files/intermediate/mr-1');
    // The same command continues the run.
    const kept = filesOf(2, 0).filter((file) => !file.includes('/mr-'));
    expect(left).toEqual([...kept, 'fails.ts', 'files/job.json'].sort());
  });
});
