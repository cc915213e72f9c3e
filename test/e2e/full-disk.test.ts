// Tests that a full disk fails a run with the name of the folder and the number of missing bytes, that nothing temporary is left, and
// that the same command continues the run when there is room.

import { describe, expect } from 'vitest';

import { committedAttempts, journal } from '../fixtures/journals.ts';
import { holdingAt, isHeld } from '../fixtures/killed-driver.ts';
import type { Finished } from '../fixtures/running-command.ts';
import { MAPREDUCE, type Scratch, test } from '../fixtures/scratch.ts';
import { canMount, SmallDisk } from '../fixtures/small-disk.ts';
import { countWords, LIBRARY, library } from '../fixtures/texts.ts';

const EXPECTED = countWords(Object.values(LIBRARY));

/** Expects an error that names a folder of the run and the bytes needed there, and no temporary files. */
function expectFull({ exitCode, stderr, stdout }: Finished, scratch: Scratch): void {
  expect(exitCode, stderr).toBe(6);
  expect(stderr).toMatch(
    /^mapreduce: .*\/files\S*: expected room for ([\d,]+ more bytes|one more file), found the disk full/m,
  );
  expect(stdout).toBe('');
  const left = scratch.files('files').map((name) => name.slice('files/'.length));
  expect(
    left.filter(
      (name) =>
        !/^(chunks\/chunk_\d\.msgpack|intermediate\/mr-\d|\.mapreduce-[^/]+\/new\/out-\d|history\/.*|run\.json|job\.json|token|ballast)$/.test(
          name,
        ),
    ),
  ).toEqual([]);
}

describe.runIf(canMount())('a full disk', () => {
  const MiB = 1 << 20;

  test.for([
    ['where the map tasks write', 'map-2.1', 2],
    ['where the reduce tasks write', 'reduce-1.1', 5],
  ] as const)(
    'a full disk %s fails the run, which continues when there is room',
    async ([, held, reused], { scratch }) => {
      using disk = new SmallDisk(scratch.state, MiB);
      const args = [...holdingAt(held, library(scratch)), '--param', 'gate=gate'];
      const driver = scratch.drive(args);
      await isHeld(scratch, held, driver);
      disk.fill(6000);
      scratch.write(`gate/${held}`, '');
      expectFull(await driver.finished, scratch);

      expectFull(await scratch.run(args), scratch);
      disk.empty();
      const result = await scratch.done([...args, '--verify']);

      expect(result.stdout).toContain(`reused: ${reused} tasks`);
      expect(scratch.output()).toBe(EXPECTED);
    },
  );

  test('a full disk where the chunks are written fails the run, which continues when there is room', async ({
    scratch,
  }) => {
    using disk = new SmallDisk(scratch.state, MiB);
    const args = holdingAt('none', library(scratch));
    disk.fill(40_000);
    expectFull(await scratch.run(args), scratch);
    expect(committedAttempts(journal(scratch))).toEqual([]);

    disk.empty();
    const result = await scratch.done(args);

    expect(result.stderr).toMatch(/^continues run /m);
    expect(scratch.output()).toBe(EXPECTED);
  });

  test('a disk that is full from the start is reported', async ({ scratch }) => {
    using disk = new SmallDisk(scratch.state, MiB);
    const args = holdingAt('none', library(scratch));
    disk.fill(0);
    expectFull(await scratch.run(args), scratch);

    disk.empty();
    await scratch.done(args);
    expect(scratch.output()).toBe(EXPECTED);
  });

  test('a disk that the journal fills up fails the run, which continues when there is room', async ({ scratch }) => {
    using disk = new SmallDisk(scratch.state, MiB);
    const args = [...holdingAt('map-2.1', library(scratch)), '--param', 'gate=gate'];
    const driver = scratch.drive(args);
    await isHeld(scratch, 'map-2.1', driver);
    disk.fill(0);
    scratch.write('gate/map-2.1', '');
    expectFull(await driver.finished, scratch);

    disk.empty();
    await scratch.done(args);
    expect(scratch.output()).toBe(EXPECTED);
  });
});

describe('a limit on the size of files', () => {
  test.for([
    ['a chunk', 1],
    ['an output', 3],
  ] as const)(
    'a limit on file sizes that %s exceeds fails the run, which continues without the limit',
    async ([, mapCount], { scratch }) => {
      scratch.write('text.txt', Array.from({ length: 20_000 }, (_, line) => `word${line}\n`).join(''));
      const flags = ['-N', String(mapCount), '-M', '1', '-W', '2', 'text.txt'];
      const limited = 'ulimit -f 300; exec "$@"';
      const command = [process.execPath, MAPREDUCE, 'run', '--worker-port', String(scratch.port), ...flags];

      const { exitCode, stderr } = await scratch.startProgram('sh', ['-c', limited, 'sh', ...command]).finished;

      expect(exitCode, stderr).toBe(6);
      expect(stderr).toMatch(
        /^mapreduce: .*\/files\/\S+: expected room for [\d,]+ more bytes, found the limit of the size of a file/m,
      );
      const result = await scratch.done(flags);
      expect(result.stderr).toMatch(/^continues run /m);
      expect(scratch.outputs().join('').split('\n')).toHaveLength(20_001);
    },
  );
});

test.runIf(!canMount())('full disks are not tested because this process may not mount a small disk', () => {});
