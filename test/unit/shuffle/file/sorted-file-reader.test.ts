import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { CorruptError } from '../../../../src/errors.ts';
import { BLOCK_HEADER_BYTES } from '../../../../src/shuffle/file/sorted-file-format.ts';
import { SortedFileReader } from '../../../../src/shuffle/file/sorted-file-reader.ts';
import { type Pair, readSortedFile, writeSortedFile } from '../../../fixtures/sorted-files.ts';
import { DAMAGES } from '../../../fixtures/damages.ts';
import { temporaryFolder } from '../../../fixtures/temporary.ts';

const numbers: Pair[] = [
  [Buffer.from(''), 1],
  [Buffer.from('a'), 0.5],
  [Buffer.from('a'), 3],
  [Buffer.from('bcd'), -1e300],
];
const others: Pair[] = [
  [Buffer.from('a'), 'text'],
  [Buffer.from('ü'), [1, null, 'two']],
  [Buffer.from('z'), { field: 1 }],
];
const nulls: Pair[] = [
  [Buffer.from('n'), null],
  [Buffer.from('n'), null],
];
/** Partitions, of which each that has pairs has one block. */
const partitions = [numbers, [], others, nulls];
/** Damage is looked for in files that are not compressed, and in compressed ones. */
const WAYS = [{ compress: false }, { compress: true }];

/** The positions of a file's bytes: those of block headers, and all others. */
function positionsOf(path: string, size: number): { headers: number[]; others: number[] } {
  using file = new SortedFileReader(path);
  const starts = file.segments.filter(({ pairs }) => pairs > 0).map(({ offset }) => offset);
  const inHeader = (position: number): boolean =>
    starts.some((start) => position >= start && position < start + BLOCK_HEADER_BYTES);
  const all = Array.from({ length: size }, (_, position) => position);
  return { headers: all.filter(inHeader), others: all.filter((position) => !inHeader(position)) };
}

/** Flips bits at each position in turn. Returns the positions at which that was not noticed and changed what was read. */
function unseenFlips(path: string, positions: readonly number[]): string[] {
  const whole = readFileSync(path);
  const damagedPath = `${path}-damaged`;
  const unseen: string[] = [];
  for (const position of positions) {
    for (const mask of [0x01, 0x80]) {
      const damaged = Buffer.from(whole);
      damaged[position]! ^= mask;
      writeFileSync(damagedPath, damaged);
      try {
        expect(readSortedFile(damagedPath)).toEqual(partitions);
      } catch (error) {
        if (!(error instanceof CorruptError)) unseen.push(`byte ${position} ^ ${mask}: ${String(error).slice(0, 60)}`);
      }
    }
  }
  return unseen;
}

test.for(WAYS)(
  'a flipped byte of magic, payloads, index or trailer is a CorruptError, or changes nothing: %j',
  (options) => {
    const path = join(temporaryFolder(), 'sorted');
    const size = writeSortedFile(path, partitions, options);
    expect(unseenFlips(path, positionsOf(path, size).others)).toEqual([]);
  },
);

test.for(WAYS)('a flipped byte of a block header is a CorruptError, or changes nothing: %j', (options) => {
  const path = join(temporaryFolder(), 'sorted');
  const size = writeSortedFile(path, partitions, options);
  expect(unseenFlips(path, positionsOf(path, size).headers)).toEqual([]);
});

test.for(WAYS)('a sorted file cut short anywhere is a CorruptError: %j', (options) => {
  const path = join(temporaryFolder(), 'sorted');
  const size = writeSortedFile(path, partitions, options);
  const whole = readFileSync(path);
  for (let length = 0; length < size; length++) {
    writeFileSync(path, whole.subarray(0, length));
    expect(() => readSortedFile(path), `${length} bytes`).toThrow(CorruptError);
  }
});

test('a sorted file with bytes after its end is a CorruptError', () => {
  const path = join(temporaryFolder(), 'sorted');
  writeSortedFile(path, partitions);
  writeFileSync(path, '\0', { flag: 'a' });
  expect(() => readSortedFile(path)).toThrow(CorruptError);
});

test('a sorted file that is missing is a CorruptError that names it', () => {
  const path = join(temporaryFolder(), 'mr-3');
  expect(() => new SortedFileReader(path)).toThrow(CorruptError);
  expect(() => new SortedFileReader(path)).toThrow(path);
});

test('another kind of file is a CorruptError', () => {
  const path = join(temporaryFolder(), 'sorted');
  writeFileSync(path, 'It is a truth universally acknowledged, that a single man in possession of a good fortune, …');
  expect(() => new SortedFileReader(path)).toThrow(CorruptError);
});

test('a file that only ends like a sorted file is a CorruptError', () => {
  const path = join(temporaryFolder(), 'sorted');
  writeSortedFile(path, partitions);
  const bytes = readFileSync(path);
  bytes[0] = 0;
  writeFileSync(path, bytes);
  expect(() => new SortedFileReader(path)).toThrow(CorruptError);
});

test('a partition that the file does not have is a CorruptError', () => {
  const path = join(temporaryFolder(), 'sorted');
  writeSortedFile(path, partitions);
  using file = new SortedFileReader(path);
  expect(() => file.blocks(4)).toThrow(CorruptError);
});

test.for(DAMAGES)('a sorted file %s is a CorruptError, and is not waited for', ([, damage]) => {
  const path = join(temporaryFolder(), 'mr-0');
  writeSortedFile(path, [[[Buffer.from('a'), 1]]]);
  damage(path);
  expect(() => readSortedFile(path)).toThrow(CorruptError);
});
