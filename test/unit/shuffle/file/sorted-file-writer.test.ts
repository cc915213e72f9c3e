import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { BLOCK_HEADER_BYTES, ValueKind } from '../../../../src/shuffle/file/sorted-file-format.ts';
import { SortedFileReader } from '../../../../src/shuffle/file/sorted-file-reader.ts';
import { SortedFileWriter } from '../../../../src/shuffle/file/sorted-file-writer.ts';
import { byKey, type Pair, readSortedFile, writeSortedFile } from '../../../fixtures/sorted-files.ts';
import { temporaryFolder } from '../../../fixtures/temporary.ts';

const text = fc.string({ unit: 'binary', maxLength: 10 });
const key = fc.oneof(
  { weight: 6, arbitrary: text.map((key) => Buffer.from(key)) },
  { weight: 2, arbitrary: fc.uint8Array({ maxLength: 10 }).map((key) => Buffer.from(key)) },
  { weight: 1, arbitrary: fc.integer({ min: 60_000, max: 140_000 }).map((length) => Buffer.alloc(length, 'long')) },
);

// Zeros have no sign: MessagePack has only one zero among its integers.
const number = fc.oneof(fc.integer(), fc.double()).map((value) => (value === 0 ? 0 : value));
const scalar = fc.oneof(
  number,
  text,
  fc.boolean(),
  fc.constantFrom(null, undefined),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }),
  fc.uint8Array().map((bytes) => Buffer.from(bytes)),
  fc.date({ noInvalidDate: true }),
);
const name = fc.string({ maxLength: 5 }).filter((name) => name !== '__proto__');
const value = fc.oneof(
  { weight: 3, arbitrary: number },
  { weight: 2, arbitrary: scalar },
  { weight: 1, arbitrary: fc.array(scalar, { maxLength: 5 }) },
  { weight: 1, arbitrary: fc.dictionary(name, scalar, { maxKeys: 5, noNullPrototype: true }) },
);
const partitions = fc.array(
  fc
    .oneof(
      { weight: 3, arbitrary: fc.array(fc.tuple(key, value), { maxLength: 20 }) },
      { weight: 1, arbitrary: fc.array(fc.tuple(key, number), { maxLength: 20 }) },
    )
    .map((pairs) => pairs.toSorted(byKey)),
  { maxLength: 6 },
);

/** Keys as texts, one character per byte, because comparing large buffers takes long. */
function comparable(partitions: readonly (readonly Pair[])[]): [string, unknown][][] {
  return partitions.map((pairs) => pairs.map(([key, value]) => [Buffer.from(key).toString('latin1'), value]));
}

test('all that is written is read back: any keys, any values, partitions with and without pairs', () => {
  const folder = temporaryFolder();
  let count = 0;
  fc.assert(
    fc.property(partitions, (partitions) => {
      const path = join(folder, `sorted-${count++}`);
      const bytes = writeSortedFile(path, partitions);
      expect(statSync(path).size).toBe(bytes);
      expect(comparable(readSortedFile(path))).toEqual(comparable(partitions));
    }),
    { numRuns: 40 },
  );
});

test('more pairs than a block holds are read back, numbers and other values, one segment after another', () => {
  const path = join(temporaryFolder(), 'sorted');
  const pairs = (count: number, valueOf: (index: number) => unknown): Pair[] =>
    Array.from({ length: count }, (_, index) => [Buffer.from(String(index).padStart(6, '0')), valueOf(index)]);
  const partitions = [
    pairs(10_000, (index) => index / 7),
    [],
    pairs(4096, (index) => `value ${index}`),
    pairs(4097, (index) => (index === 4096 ? 'last' : index)),
  ];
  writeSortedFile(path, partitions);
  expect(comparable(readSortedFile(path))).toEqual(comparable(partitions));
  using file = new SortedFileReader(path);
  expect(file.segments.map(({ pairs }) => pairs)).toEqual([10_000, 0, 4096, 4097]);
  expect(file.segments[0]!.offset).toBe(8);
  expect(file.segments[2]!.offset).toBe(file.segments[1]!.offset);
});

test('segments can be read in turn, and more than once', () => {
  const path = join(temporaryFolder(), 'sorted');
  const partitions: Pair[][] = [[[Buffer.from('a'), 1]], [[Buffer.from('b'), 'two']]];
  writeSortedFile(path, partitions);
  using file = new SortedFileReader(path);
  const [first, second, again] = [file.blocks(0), file.blocks(1), file.blocks(0)];
  expect([second.next()?.values, first.next()?.pairs, again.next()?.pairs]).toEqual([['two'], 1, 1]);
  expect([first.next(), second.next()]).toEqual([undefined, undefined]);
});

test('a value of several megabytes is read back', () => {
  const path = join(temporaryFolder(), 'sorted');
  const partitions: Pair[][] = [
    [
      [Buffer.from('a'), 'x'.repeat(1_000_000)],
      [Buffer.from('b'), Buffer.alloc(1_000_000, 7).toString('latin1')],
      [Buffer.from('c'), 1],
    ],
  ];
  writeSortedFile(path, partitions);
  expect(comparable(readSortedFile(path))).toEqual(comparable(partitions));
});

test('a file that is there already is overwritten', () => {
  const path = join(temporaryFolder(), 'sorted');
  writeFileSync(path, 'x'.repeat(10_000));
  writeSortedFile(path, [[[Buffer.from('a'), 1]]]);
  expect(readSortedFile(path)).toEqual([[[Buffer.from('a'), 1]]]);
});

test('the writer returns how many pairs it has written', () => {
  const writer = new SortedFileWriter(join(temporaryFolder(), 'sorted'));
  for (let pair = 0; pair < 5; pair++) writer.add(Buffer.from('key'), 0, 3, pair);
  writer.endPartition();
  expect(writer.finish().pairs).toBe(5);
});

test('a number takes eight bytes, and its key four more than its length, in every block', () => {
  const path = join(temporaryFolder(), 'sorted');
  const count = 3 * 4096;
  const fractions = Array.from({ length: count }, (_, at): Pair => [Buffer.from('key'), at / 7]);
  writeSortedFile(path, [fractions]);
  using file = new SortedFileReader(path);
  expect(file.segments[0]!.bytes).toBe(3 * BLOCK_HEADER_BYTES + count * (3 + 4 + 8));
});

/** Writes a sorted file, compressed or not. Returns what is read from it, and its size. */
function roundTrip(path: string, partitions: readonly (readonly Pair[])[], compress: boolean): [Pair[][], number] {
  const bytes = writeSortedFile(path, partitions, { compress });
  expect(statSync(path).size).toBe(bytes);
  return [readSortedFile(path), bytes];
}

test('a compressed file is read like one that is not compressed', () => {
  const folder = temporaryFolder();
  fc.assert(
    fc.property(partitions, (partitions) => {
      const [plain] = roundTrip(join(folder, 'plain'), partitions, false);
      const [compressed] = roundTrip(join(folder, 'compressed'), partitions, true);
      expect(comparable(compressed)).toEqual(comparable(plain));
    }),
    { numRuns: 30 },
  );
});

test('compression makes a file of many similar pairs small', () => {
  const folder = temporaryFolder();
  const pairs = Array.from({ length: 10_000 }, (_, at): Pair => [Buffer.from(String(at).padStart(9, '0')), at % 3]);
  const [plain, plainBytes] = roundTrip(join(folder, 'plain'), [pairs], false);
  const [compressed, bytes] = roundTrip(join(folder, 'compressed'), [pairs], true);
  expect(compressed).toEqual(plain);
  expect(bytes).toBeLessThan(plainBytes / 4);
});

test('a null takes no bytes if all values of a block are null', () => {
  const path = join(temporaryFolder(), 'sorted');
  const nulls = Array.from({ length: 5000 }, (): Pair => [Buffer.from('key'), null]);
  const mixed: Pair[] = [
    [Buffer.from('a'), null],
    [Buffer.from('b'), undefined],
    [Buffer.from('c'), 0],
  ];
  writeSortedFile(path, [nulls, mixed]);
  expect(comparable(readSortedFile(path))).toEqual(comparable([nulls, mixed]));
  using file = new SortedFileReader(path);
  expect(file.segments[0]!.bytes).toBe(2 * BLOCK_HEADER_BYTES + 5000 * (3 + 4));
});

test('blocks that are added whole, and pairs that are added one by one, keep their order', () => {
  for (const compress of [false, true]) {
    const path = join(temporaryFolder(), 'sorted');
    const writer = new SortedFileWriter(path, { compress });
    const ends = Buffer.from(Uint32Array.of(1, 3).buffer);
    const keys = Buffer.from('bcc');
    const numbers = Buffer.from(Float64Array.of(1.5, -0).buffer);
    writer.add(Buffer.from('a'), 0, 1, 'first');
    writer.addBlock(2, ValueKind.float64, [ends, keys, numbers]);
    writer.addBlock(2, ValueKind.none, [ends, keys]);
    writer.addBlock(2, ValueKind.packed, [ends, keys], ['x', { y: 1 }]);
    writer.add(Buffer.from('d'), 0, 1, 2);
    writer.endPartition();
    expect(writer.finish().pairs).toBe(8);
    const [b, cc] = [Buffer.from('b'), Buffer.from('cc')];
    expect(comparable(readSortedFile(path))).toEqual(
      comparable([
        [
          [Buffer.from('a'), 'first'],
          [b, 1.5],
          [cc, -0],
          [b, null],
          [cc, null],
          [b, 'x'],
          [cc, { y: 1 }],
          [Buffer.from('d'), 2],
        ],
      ]),
    );
  }
});
