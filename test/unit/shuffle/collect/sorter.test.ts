import { mkdirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { Bytes, type Key } from '../../../../src/bytes.ts';
import { partitionOf } from '../../../../src/shuffle/partition.ts';
import { Kernel } from '../../../../src/kernel/kernel.ts';
import type { Combiner } from '../../../../src/shuffle/combiner.ts';
import { Sorter, type SorterReport } from '../../../../src/shuffle/collect/sorter.ts';
import { byKey, type Pair, readSortedFile } from '../../../fixtures/sorted-files.ts';
import { temporaryFolder } from '../../../fixtures/temporary.ts';

interface Sorted {
  readonly report: SorterReport;
  readonly partitions: Pair[][];
  readonly files: string[];
}

interface SortOptions {
  readonly partitionCount: number;
  readonly bufferBytes: number;
  readonly fanIn?: number;
  readonly combiner?: Combiner;
}

/** Sorts into a new folder and returns all that can be seen afterwards. */
function sort(
  folder: string,
  pairs: Iterable<readonly [Key, unknown]>,
  { bufferBytes, partitionCount, ...options }: SortOptions,
): Sorted {
  mkdirSync(folder);
  const path = join(folder, 'sorted');
  using kernel = Kernel.lease(bufferBytes);
  const sorter = new Sorter({ path, fanIn: 256, kernel, partitioning: { count: partitionCount }, ...options });
  for (const [key, value] of pairs) sorter.add(key, value);
  const report = sorter.finish();
  sorter.discard();
  expect(report.bytes).toBe(statSync(path).size);
  return { report, partitions: readSortedFile(path), files: readdirSync(folder) };
}

/** The output that a sorter without a combiner has to have. */
function sorted(pairs: readonly (readonly [string, unknown])[], partitionCount: number): Pair[][] {
  const all = pairs.map(([key, value]): Pair => [Buffer.from(key), value]);
  return Array.from({ length: partitionCount }, (_, partition) =>
    all.filter(([key]) => partitionOf(key, 0, key.length, { count: partitionCount }) === partition).toSorted(byKey),
  );
}

const key = fc.oneof(
  { weight: 4, arbitrary: fc.string({ unit: fc.constantFrom('a', 'b', 'é', '😀', '\0'), maxLength: 4 }) },
  { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 12 }) },
  // Half a surrogate pair is U+FFFD in UTF-8.
  { weight: 1, arbitrary: fc.constantFrom('\ud800', 'a\udc00', 'long'.repeat(50)) },
);
const keys = fc.array(key, { maxLength: 60 });
const options = fc.record({
  fanIn: fc.constantFrom(2, 3, 256),
  partitionCount: fc.integer({ min: 1, max: 5 }),
  bufferBytes: fc.oneof(
    { weight: 1, arbitrary: fc.constant(1) },
    { weight: 4, arbitrary: fc.integer({ min: 30, max: 2000 }) },
    { weight: 1, arbitrary: fc.constant(1 << 26) },
  ),
});

test('pairs come out by partition and key bytes, equal keys in the order of adding, whatever the size of the buffer', () => {
  const root = temporaryFolder();
  let count = 0;
  fc.assert(
    fc.property(keys, options, (keys, options) => {
      const pairs = keys.map((key, at) => [key, at] as const);
      const { report, partitions, files } = sort(join(root, String(count++)), pairs, options);
      expect(partitions).toEqual(sorted(pairs, options.partitionCount));
      expect(report.pairs).toBe(pairs.length);
      expect(files).toEqual(['sorted']);
    }),
    { numRuns: 40 },
  );
});

test('a combiner leaves one pair per key and gets all values in order, however often pairs are spilled', () => {
  const root = temporaryFolder();
  const joinAll: Combiner['combine'] = (_key, values) => [...(values as Iterable<number[]>)].flat();
  let count = 0;
  fc.assert(
    fc.property(keys, options, (keys, options) => {
      const pairs = keys.map((key, at) => [key, [at]] as const);
      const combined = sort(join(root, String(count++)), pairs, { ...options, combiner: { combine: joinAll } });
      const expected = sorted(pairs, options.partitionCount).map((partition) =>
        [...Map.groupBy(partition, ([key]) => Buffer.from(key).toString('hex'))].map(([hex, group]): Pair => [
          Buffer.from(hex, 'hex'),
          group.flatMap(([, value]) => value as number[]),
        ]),
      );
      expect(combined.partitions).toEqual(expected);
      expect(combined.report.pairs).toBe(expected.flat().length);
      expect(combined.files).toEqual(['sorted']);
    }),
    { numRuns: 40 },
  );
});

test('sums are right for far more pairs than a buffer holds at first', () => {
  const words = Array.from({ length: 30_000 }, (_, at) => `word ${(at * 7919) % 5000}`);
  const combine: Combiner['combine'] = (_key, values) => [...(values as Iterable<number>)].reduce(add, 0);
  const ways = [{ combine }, { combine, fold: add }].flatMap((combiner) =>
    [50_000, 1 << 26].map((bufferBytes) => ({ combiner, bufferBytes })),
  );
  for (const { combiner, bufferBytes } of ways) {
    const { report, partitions, files } = sort(
      join(temporaryFolder(), 'sums'),
      words.map((word) => [word, 1] as const),
      { partitionCount: 3, bufferBytes, combiner },
    );
    expect(partitions.flat()).toHaveLength(5000);
    expect(partitions.flat().every(([, count]) => count === 6)).toBe(true);
    expect(report.spills > 1).toBe(bufferBytes === 50_000);
    expect(files).toEqual(['sorted']);
  }
});

test('numbers among other values are combined as well', () => {
  const combine: Combiner['combine'] = (_key, values) => [...values].map(Number).reduce(add, 0);
  const pairs = Array.from({ length: 3000 }, (_, at) => [`key ${at % 10}`, at % 7 === 3 ? '2' : 2] as const);
  for (const bufferBytes of [500, 1 << 20]) {
    const options = { partitionCount: 2, bufferBytes, combiner: { combine, fold: add } };
    const { partitions } = sort(join(temporaryFolder(), 'mixed'), pairs, options);
    expect(partitions.flat().map(([, value]) => value)).toEqual(Array.from({ length: 10 }, () => 600));
  }
});

test('keys that are made to collide, and keys that come once, are sorted and combined like all others', () => {
  // 'Aa' and 'BB' have the same hash, and so have all strings of equal length that are made of them.
  const colliding = Array.from({ length: 1 << 12 }, (_, at) =>
    Array.from({ length: 12 }, (_, bit) => ((at >> bit) & 1 ? 'Aa' : 'BB')).join(''),
  );
  const once = Array.from({ length: 150_000 }, (_, at) => `key ${at}`);
  for (const keys of [colliding, once]) {
    const pairs = [...keys, ...keys].map((key) => [key, 1] as const);
    const options = { partitionCount: 3, bufferBytes: 1 << 20, combiner: { combine: () => 2, fold: add } };
    const { partitions } = sort(join(temporaryFolder(), 'hard'), pairs, options);
    expect(partitions.flat()).toHaveLength(keys.length);
    expect(partitions.flat().every(([, count]) => count === 2)).toBe(true);
  }
});

test('a key as bytes equals the same key as text', () => {
  const texts = ['', 'a', 'Käse', '日本', '🐳', 'x'.repeat(100_000)];
  const pairs = texts.flatMap((text): [string | Bytes, number][] => [
    [text, 1],
    [new Bytes(Buffer.from(`<${text}>`), 1, 1 + Buffer.byteLength(text)), 1],
  ]);
  const sorter = new Sorter({
    path: join(temporaryFolder(), 'sorted'),
    partitioning: { count: 1 },
    kernel: new Kernel(1 << 20),
    fanIn: 2,
  });
  for (const [key, value] of pairs) sorter.add(key, value);
  expect(sorter.finish().pairs).toBe(12);
  const combining = { partitionCount: 1, bufferBytes: 1 << 20, combiner: { combine: () => 2, fold: add } };
  expect(sort(join(temporaryFolder(), 'bytes'), pairs, combining).partitions.flat()).toHaveLength(texts.length);
});

test('without pairs the sorted file has all of its partitions, which are empty', () => {
  const { report, partitions } = sort(join(temporaryFolder(), 'none'), [], { partitionCount: 4, bufferBytes: 1 });
  expect(partitions).toEqual([[], [], [], []]);
  expect(report).toMatchObject({ pairs: 0, spills: 0 });
});

test('a buffer that is never full is written once, without a spill', () => {
  const pairs = Array.from({ length: 100 }, (_, at) => [`key ${at}`, at] as const);
  expect(sort(join(temporaryFolder(), 'one'), pairs, { partitionCount: 2, bufferBytes: 1 << 26 }).report.spills).toBe(
    0,
  );
});

test('spills are beside the sorted file, and discard removes them', () => {
  const folder = temporaryFolder();
  const sorter = new Sorter({
    path: join(folder, 'map-0.1'),
    partitioning: { count: 2 },
    kernel: new Kernel(1),
    fanIn: 2,
  });
  sorter.add('a', 1);
  sorter.add('b', 2);
  sorter.flush();
  expect(readdirSync(folder).sort()).toEqual(['map-0.1.spill-0', 'map-0.1.spill-1']);
  sorter.discard();
  expect(readdirSync(folder)).toEqual([]);
});

test('the error of a combiner is thrown as it is, from a spill and from the merge', () => {
  const boom = new Error('boom');
  const fail: Combiner['combine'] = () => {
    throw boom;
  };
  const spilling = new Sorter({
    path: join(temporaryFolder(), 'sorted'),
    partitioning: { count: 1 },
    // Room for one key, but not for values that are gathered.
    kernel: new Kernel(300),
    fanIn: 2,
    combiner: { combine: fail },
  });
  expect(() => {
    spilling.add('a', 1);
    spilling.add('a', 2);
  }).toThrow(boom);
  spilling.discard();
  const folder = temporaryFolder();
  const inMerge: Combiner['combine'] = (_key, values) => {
    const [value, more] = [...(values as Iterable<number>)];
    if (more !== undefined) throw boom;
    return value;
  };
  const merging = new Sorter({
    path: join(folder, 'sorted'),
    partitioning: { count: 1 },
    kernel: new Kernel(1),
    fanIn: 2,
    combiner: { combine: inMerge },
  });
  merging.add('a', 1);
  merging.add('a', 2);
  expect(() => merging.finish()).toThrow(boom);
  merging.discard();
  expect(readdirSync(folder)).toEqual(['sorted']);
});

function add(a: number, b: number): number {
  return a + b;
}
