import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { CorruptError, UsageError } from '../../../src/errors.ts';
import { writeChunkFile } from '../../../src/formats/chunk/chunk-file.ts';
import { inspectFile } from '../../../src/inspect/readable-files.ts';
import { inputFile } from '../../fixtures/input-files.ts';
import { writeSortedFile } from '../../fixtures/sorted-files.ts';
import { temporaryFolder } from '../../fixtures/temporary.ts';

async function textOf(path: string): Promise<string> {
  return (await Array.fromAsync(inspectFile(path))).join('');
}

test('a chunk is shown as its slices, with their files and ranges', async () => {
  const folder = temporaryFolder();
  const input = inputFile(folder, 'input.txt', 'one\ntwo\nthree');
  const path = join(folder, 'chunk');
  const slices = [
    { ...input, start: 0, end: 4, bytes: Buffer.from('one\n') },
    { ...input, start: 4, end: 13 },
  ];
  writeChunkFile(path, 'run-1', 5, slices);
  expect(await textOf(path)).toBe(
    'chunk 5: 2 slices, 13 bytes\n' +
      '--- input.txt, bytes 0 to 4\none\n' +
      '--- input.txt, bytes 4 to 13 (by reference)\ntwo\nthree\n',
  );
});

test('a sorted file is shown as its partitions, with their pairs', async () => {
  const path = join(temporaryFolder(), 'sorted');
  const pairs = [
    [Buffer.from('a'), 1],
    [Buffer.from('ü'), { b: [null] }],
  ] as const;
  writeSortedFile(path, [pairs, []]);
  expect(await textOf(path)).toMatch(
    /^sorted file: 2 partitions, 2 pairs\n--- partition 0: 2 pairs, \d+ bytes\na\t1\nü\t\{"b":\[null\]\}\n--- partition 1: 0 pairs, 0 bytes\n$/,
  );
});

test('another kind of file, or a missing file, is a UsageError', async () => {
  const folder = temporaryFolder();
  const path = inputFile(folder, 'input.txt', 'text').path;
  await expect(textOf(path)).rejects.toThrow(UsageError);
  await expect(textOf(join(folder, 'none'))).rejects.toThrow('found ENOENT');
  await expect(textOf(folder)).rejects.toThrow('found a folder');
});

test('a damaged sorted file is a CorruptError', async () => {
  const path = join(temporaryFolder(), 'sorted');
  writeFileSync(path, 'MRSORT1\n');
  await expect(textOf(path)).rejects.toThrow(CorruptError);
});

test('a character that is divided by the end of a block is shown whole', async () => {
  const folder = temporaryFolder();
  const content = `-${'é'.repeat(600_000)}\n`;
  const input = inputFile(folder, 'input.txt', content);
  const path = join(folder, 'chunk');
  writeChunkFile(path, 'run-1', 0, [{ ...input, start: 0, end: input.sizeBytes }]);
  expect((await textOf(path)).includes('\ufffd')).toBe(false);
});

test('a bigint is shown', async () => {
  const path = join(temporaryFolder(), 'sorted');
  writeSortedFile(path, [[[Buffer.from('a'), 1n]]]);
  expect(await textOf(path)).toMatch(/a\t"?1/);
});
