// Tests that a second run in the same directory never mixes with the results of the first.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect } from 'vitest';

import { HOLDING } from '../fixtures/paths.ts';
import { type Scratch, test } from '../fixtures/scratch.ts';
import { countWords } from '../fixtures/texts.ts';

const FIRST = 'first text\nof the first run\n'.repeat(20);
const SECOND = 'second\ntext of second\n'.repeat(5);

/** Returns the number of files of each kind. */
function shapeOf({ state }: Scratch): { chunks: number; maps: number; outputs: number } {
  const count = (folder: string): number => readdirSync(join(state, folder)).length;
  return { chunks: count('chunks'), maps: count('intermediate'), outputs: count('out') };
}

function runId({ state }: Scratch): string {
  return (JSON.parse(readFileSync(join(state, 'run.json'), 'utf8')) as { id: string }).id;
}

describe('a second run in the same directory', () => {
  test('a second run with other N, M, inputs and job leaves its own files and no others', async ({ scratch }) => {
    scratch.write('first.txt', FIRST);
    scratch.write('second.txt', SECOND);

    await scratch.done(['-N', '6', '-M', '5', '-W', '2', 'first.txt']);
    expect(shapeOf(scratch)).toEqual({ chunks: 6, maps: 6, outputs: 5 });
    const id = runId(scratch);

    await scratch.done(['-N', '2', '-M', '3', '-W', '2', 'second.txt']);
    expect(shapeOf(scratch)).toEqual({ chunks: 2, maps: 2, outputs: 3 });
    expect(scratch.output()).toBe(countWords([SECOND]));
    expect(runId(scratch)).not.toBe(id);

    await scratch.done(['-N', '4', '-M', '1', '-W', '2', '--job', 'indexer', 'first.txt', 'second.txt']);
    expect(shapeOf(scratch)).toEqual({ chunks: 4, maps: 4, outputs: 1 });
    expect(scratch.output()).toBe(await scratch.sequential(['--job', 'indexer', 'first.txt', 'second.txt']));
  });

  test('a second run uses the current version of a job file on workers that have loaded an earlier one', async ({
    scratch,
  }) => {
    scratch.write('text.txt', 'one\n');
    await scratch.workers(1);
    for (const version of ['first', 'second']) {
      scratch.write(
        'job.ts',
        `export default { name: 'j', map(l, { emit }) { emit(l, '${version}'); }, reduce: (_, v) => [...v].join() };`,
      );
      await scratch.done(['-N', '1', '-M', '1', '--job', 'job.ts', 'text.txt']);
      expect(scratch.outputs()).toEqual([`one\t${version}\n`]);
    }
  });

  test('a second run strips the types of an edited job file once, for the driver and all workers', async ({
    scratch,
  }) => {
    scratch.write('text.txt', 'one\ntwo\n');
    const strippedTimes = async (version: string): Promise<number> => {
      scratch.write(
        'job.ts',
        `export default { name: 'j', map(l: string, { emit }) { emit(l, '${version}'); }, reduce: (_: string, v: any) => [...v].join() };`,
      );
      // Node logs its use of the compile cache, and the logs of workers are passed on.
      const env = { NODE_DEBUG_NATIVE: 'COMPILE_CACHE' };
      const { said } = await scratch.done(['-N', '4', '-M', '2', '-W', '2', '--job', 'job.ts', 'text.txt'], { env });
      return said.filter((line) => /saving transpilation cache .*\/job\.ts/.test(line) && line.includes(scratch.dir))
        .length;
    };
    expect(await strippedTimes('first')).toBe(1);
    expect(await strippedTimes('second')).toBe(1);
  });

  test('a second run samples the keys of a range job without stripping its types again', async ({ scratch }) => {
    scratch.write('text.txt', 'one\ntwo\n');
    scratch.write(
      'job.ts',
      "export default { name: 'j', partition: 'range', map(l: string, { emit }) { emit(l, 1); }, reduce: (_: string, v: any) => [...v].join() };",
    );
    const env = { NODE_DEBUG_NATIVE: 'COMPILE_CACHE' };
    const { said } = await scratch.done(['-N', '2', '-M', '2', '-W', '1', '--job', 'job.ts', 'text.txt'], { env });
    const saved = said.filter((line) => /saving transpilation cache .*\/job\.ts/.test(line));
    expect(saved.filter((line) => line.includes(scratch.dir))).toHaveLength(1);
  });

  test('a second run takes nothing from a run that failed or was killed', async ({ scratch }) => {
    scratch.write('first.txt', FIRST);
    scratch.write('second.txt', SECOND);
    scratch.write(
      'fails.ts',
      `export default { name: 'f', map(l, { emit }) { emit(l, 1); }, reduce() { throw Error('x') } }`,
    );

    expect((await scratch.run(['-N', '5', '-M', '4', '-W', '2', '--job', 'fails.ts', 'first.txt'])).exitCode).toBe(3);
    await second(scratch);
    const held = ['--no-backup', '--job', HOLDING, '--param', 'hold=reduce-2.1,reduce-1.1,reduce-3.1'];
    const driver = scratch.drive(['-N', '5', '-M', '4', '-W', '2', ...held, 'first.txt']);
    await driver.line(/reduce-\d\.1 waits/);
    driver.signal('SIGKILL');
    await driver.finished;
    await second(scratch, ['--fresh']);
  });
});

async function second(scratch: Scratch, how: readonly string[] = []): Promise<void> {
  await scratch.done([...how, '-N', '3', '-M', '2', '-W', '2', 'second.txt']);
  expect(shapeOf(scratch)).toEqual({ chunks: 3, maps: 3, outputs: 2 });
  expect(scratch.output()).toBe(countWords([SECOND]));
  expect(scratch.files('files').filter((file) => !/\/(chunks|intermediate|out|history)\//.test(file))).toEqual([
    'files/run.json',
    'files/token',
  ]);
}
