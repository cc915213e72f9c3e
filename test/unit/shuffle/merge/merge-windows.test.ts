import { join } from 'node:path';

import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { Kernel } from '../../../../src/kernel/kernel.ts';
import { MergeWindows } from '../../../../src/shuffle/merge/merge-windows.ts';
import { MergedPairs } from '../../../../src/shuffle/merge/merged-pairs.ts';
import { SortedFileReader } from '../../../../src/shuffle/file/sorted-file-reader.ts';
import { byKey, type Pair, pairsOf, writeSortedFile } from '../../../fixtures/sorted-files.ts';
import { temporaryFolder } from '../../../fixtures/temporary.ts';

const BUFFER_BYTES = 1 << 16;

interface MergeOptions {
  readonly adds?: boolean;
  readonly compress?: boolean;
}

/** Writes each input as a sorted file and merges them. */
function merged(inputs: readonly (readonly Pair[])[], { adds = false, compress = false }: MergeOptions = {}): Pair[] {
  const folder = temporaryFolder();
  using open = new DisposableStack();
  const kernel = open.use(Kernel.lease(BUFFER_BYTES));
  const segments = inputs.map((pairs, at) => {
    const path = join(folder, `sorted-${at}`);
    writeSortedFile(path, [pairs], { compress });
    return open.use(new SortedFileReader(path)).blocks(0);
  });
  return pairsOf(new MergedPairs(new MergeWindows(kernel, segments, { adds })));
}

const key = fc.oneof(
  { weight: 6, arbitrary: fc.array(fc.constantFrom(0, 0x61, 0x62, 0xc3, 0xff), { maxLength: 3 }) },
  // The first eight bytes decide most comparisons, so some keys share them, and some end within them.
  { weight: 2, arbitrary: fc.array(fc.constantFrom(0, 0x61), { minLength: 7, maxLength: 18 }) },
);
const keys = key.map((bytes) => Buffer.from(bytes));

/** Inputs whose values name their origin. */
const inputs = (count: fc.ArrayConstraints): fc.Arbitrary<Pair[][]> =>
  fc
    .array(
      fc.array(keys, { maxLength: 8 }).map((keys) => keys.toSorted((a, b) => Buffer.compare(a, b))),
      count,
    )
    .map((inputs) => inputs.map((keys, input) => keys.map((key, pair): Pair => [key, input * 1000 + pair])));

/** Changes the values of pairs: all stay numbers, or each input has another kind of values, or each pair. */
const kinds = fc.constantFrom(
  (pair: Pair): Pair => pair,
  ([key, value]: Pair, input: number): Pair => [key, [value, null, { value }][input % 3]],
  ([key, value]: Pair, _input: number, at: number): Pair => [key, [value, null, `text ${String(value)}`][at % 3]],
  ([key]: Pair): Pair => [key, null],
);

test('merging equals a stable sort of all inputs, whatever their values: equal keys come in the order of the inputs', () => {
  fc.assert(
    fc.property(inputs({ maxLength: 20 }), kinds, fc.boolean(), (inputs, kind, compress) => {
      const pairs = inputs.map((pairs, input) => pairs.map((pair, at) => kind(pair, input, at)));
      expect(merged(pairs, { compress })).toEqual(pairs.flat().toSorted(byKey));
    }),
    { numRuns: 150 },
  );
});

test.for(Array.from({ length: 18 }, (_, count) => count))('%i inputs are merged', (count) => {
  fc.assert(
    fc.property(inputs({ minLength: count, maxLength: count }), (inputs) => {
      expect(merged(inputs)).toEqual(inputs.flat().toSorted(byKey));
    }),
    { numRuns: 5 },
  );
});

test('if numbers may be added up, each key comes once, with its sum', () => {
  fc.assert(
    fc.property(inputs({ maxLength: 12 }), (inputs) => {
      const sums = new Map<string, number>();
      for (const [key, value] of inputs.flat()) {
        const hex = Buffer.from(key).toString('hex');
        sums.set(hex, (sums.get(hex) ?? 0) + (value as number));
      }
      const found = merged(inputs, { adds: true });
      expect(found.map(([key, sum]) => [Buffer.from(key).toString('hex'), sum])).toEqual(
        [...sums].toSorted(([a], [b]) => (a < b ? -1 : 1)),
      );
    }),
    { numRuns: 100 },
  );
});

test('values that are not numbers are not added up, and none is lost', () => {
  fc.assert(
    fc.property(inputs({ minLength: 2, maxLength: 6 }), (inputs) => {
      const pairs = inputs.map((pairs, input) =>
        pairs.map(([key, value]): Pair => [key, input === 0 ? 'text' : value]),
      );
      const total = (pairs: readonly Pair[]): number =>
        pairs.reduce((sum, [, value]) => sum + (typeof value === 'number' ? value : 0), 0);
      const found = merged(pairs, { adds: true });
      expect(total(found)).toBe(total(pairs.flat()));
      expect(found.filter(([, value]) => value === 'text')).toHaveLength(pairs[0]!.length);
    }),
    { numRuns: 60 },
  );
});

test('inputs of many blocks are merged, with keys longer than a block among them', () => {
  const long = Buffer.alloc(100_000, 'm');
  const input = (step: number): Pair[] => {
    const pairs = Array.from({ length: 9000 }, (_, at): Pair => [Buffer.from(String(at * step).padStart(8, '0')), at]);
    return [...pairs, [long, 1], [long, 2], [Buffer.alloc(70_000, 'n'), 3]];
  };
  const all = [input(2), input(3), input(5)];
  expect(merged(all)).toEqual(all.flat().toSorted(byKey));
  const added = merged(all, { adds: true });
  expect(added.filter(([key]) => key.length > 65_536).map(([key, sum]) => [key.length, sum])).toEqual([
    [100_000, 9],
    [70_000, 9],
  ]);
});

test('a merge that has ended stays ended', () => {
  for (const inputs of [[], [[]], [[], []]]) expect(merged(inputs)).toEqual([]);
  using kernel = Kernel.lease(BUFFER_BYTES);
  const merge = new MergeWindows(kernel, [], { adds: true });
  expect([merge.next(), merge.next()]).toEqual([false, false]);
});

test('values of many bytes are not all held at once', () => {
  const folder = temporaryFolder();
  using open = new DisposableStack();
  const kernel = open.use(Kernel.lease(BUFFER_BYTES));
  const inputs = [0, 1].map((input) =>
    Array.from({ length: 60 }, (_, at): Pair => [Buffer.from(`${at}`.padStart(3, '0')), `${input}`.repeat(50_000)]),
  );
  const segments = inputs.map((pairs, at) => {
    const path = join(folder, `sorted-${at}`);
    writeSortedFile(path, [pairs]);
    return open.use(new SortedFileReader(path)).blocks(0);
  });
  const merge = new MergeWindows(kernel, segments, { adds: false });
  let count = 0;
  while (merge.next()) {
    expect(merge.pairs).toBeLessThan(30);
    count += merge.pairs;
  }
  expect(count).toBe(120);
});
