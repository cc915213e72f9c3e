import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { Kernel } from '../../../src/kernel/kernel.ts';
import { partitionOf } from '../../../src/shuffle/partition.ts';
import { inText } from '../../fixtures/kernels.ts';

/** A kernel with one pair per key, numbered in the order of the keys. */
function kernelWith(keys: readonly Buffer[]): Kernel {
  const kernel = new Kernel(keys.reduce((bytes, { length }) => bytes + length + 32, 1000));
  const { exports } = kernel;
  exports.clear(false, false);
  const numbers = new Float64Array(kernel.bytes.buffer, exports.numbers.value, keys.length);
  for (const [at, key] of keys.entries()) {
    const { buffer, start } = inText(kernel, key);
    expect(exports.append(buffer.byteOffset + start, key.length)).toBe(at);
    numbers[at] = at / 4;
  }
  return kernel;
}

/** The numbers of the pairs of each partition, in their order. */
function sortedPairs(kernel: Kernel, partitionCount: number): number[][] {
  const { exports, bytes } = kernel;
  exports.partitionPairs(partitionCount, exports.OUT.value);
  const starts = new Uint32Array(bytes.buffer, exports.OUT.value, partitionCount + 1).slice();
  const order = new Uint32Array(bytes.buffer, exports.order.value, exports.pairCount());
  expect([starts[0], starts[partitionCount]]).toEqual([0, exports.pairCount()]);
  return Array.from({ length: partitionCount }, (_, partition) => {
    const [from, to] = [starts[partition]!, starts[partition + 1]!];
    exports.sortRange(from, to);
    return [...order.subarray(from, to)];
  });
}

/** The same, by a plain stable sort. */
function plainlySorted(keys: readonly Buffer[], partitionCount: number): number[][] {
  const all = [...keys.keys()].sort((a, b) => Buffer.compare(keys[a]!, keys[b]!) || a - b);
  const partitions = Array.from({ length: partitionCount }, (): number[] => []);
  for (const at of all) partitions[partitionOf(keys[at]!, 0, keys[at]!.length, { count: partitionCount })]!.push(at);
  return partitions;
}

const few = fc.string({ unit: fc.constantFrom('\0', '\u0001', 'a'), maxLength: 12 });
const any = fc.string({ unit: 'binary', maxLength: 12 });
const longPrefix = fc
  .tuple(fc.constantFrom(3, 4, 5, 127, 128, 129, 200), few)
  .map(([length, end]) => 'p'.repeat(length) + end);
const manyKeys = (key: fc.Arbitrary<string>): fc.Arbitrary<Buffer[]> =>
  fc.array(
    key.map((text) => Buffer.from(text)),
    { maxLength: 400, size: 'max' },
  );
const lists = fc.oneof(manyKeys(few), manyKeys(any), manyKeys(longPrefix), manyKeys(fc.oneof(few, any, longPrefix)));

test('pairs come by partition, then by the bytes of their keys, equal keys in the order in which they came', () => {
  fc.assert(
    fc.property(lists, fc.integer({ min: 1, max: 40 }), (keys, partitionCount) => {
      expect(sortedPairs(kernelWith(keys), partitionCount)).toEqual(plainlySorted(keys, partitionCount));
    }),
    { numRuns: 150 },
  );
});

test.for([
  ['numbers', (at: number) => String((at * 7919) % 50_000)],
  ['the same key', () => 'the same key'],
  ['nothing but empty keys', () => ''],
  ['zeros only', (at: number) => '\0'.repeat((at * 31) % 23)],
  [
    'long shared beginnings, zeros at the ends, and doubles',
    (at: number) => `/usr/share/${(at * 7919) % 3 === 0 ? 'doc' : 'do'}/${(at * 7919) % 6000}${'\0'.repeat(at % 5)}`,
  ],
  ['beginnings of one another', (at: number) => 'abcdefghijklmnopqrstuvwxyz'.slice(0, (at * 7) % 27)],
  ['all bytes that text has', (at: number) => String.fromCodePoint(((at * 7919) % 0xd000) + 1)],
  ['two of a kind and one that ends first', (at: number) => (at === 11_000 ? 'aaaa' : `aaaa${at % 2}`)],
] as const)('many keys are sorted: %s', ([, keyAt]) => {
  // A range, or a group, of more than 8192 keys is sorted by wider digits than a smaller one.
  const keys = Array.from({ length: 20_000 }, (_, at) => Buffer.from(keyAt(at)));
  const kernel = kernelWith(keys);
  expect(sortedPairs(kernel, 1)).toEqual(plainlySorted(keys, 1));
  expect(sortedPairs(kernel, 7)).toEqual(plainlySorted(keys, 7));
});

test.for([2, 19, 20, 21, 22, 8191, 8192, 8193])(
  'a range of %i keys is sorted, and its neighbours stay as they are',
  (count) => {
    const keys = Array.from({ length: count + 2 }, (_, at) => Buffer.from(`key ${(at * 7919) % 9001}`));
    const kernel = kernelWith(keys);
    const { exports } = kernel;
    exports.partitionPairs(1, exports.OUT.value);
    exports.sortRange(1, count + 1);
    const order = [...new Uint32Array(kernel.bytes.buffer, exports.order.value, keys.length)];
    const inside = order.slice(1, -1);
    expect([order[0], order.at(-1)]).toEqual([0, count + 1]);
    const expected = Array.from({ length: count }, (_, at) => at + 1).sort(
      (a, b) => Buffer.compare(keys[a]!, keys[b]!) || a - b,
    );
    expect(inside).toEqual(expected);
  },
);

test('keys of any length are gathered in order, as many as there is room for, with their numbers', () => {
  const length = fc.constantFrom(0, 1, 15, 16, 17, 127, 128, 129, 300, 2000);
  const keys = fc.array(
    fc.tuple(length, fc.constantFrom('a', 'b', 'c')).map(([length, letter]) => Buffer.alloc(length, letter)),
    { minLength: 1, maxLength: 50, size: 'max' },
  );
  const most = fc.record({ pairs: fc.integer({ min: 1, max: 60 }), keyBytes: fc.constantFrom(0, 100, 2000, 1 << 16) });
  fc.assert(
    fc.property(keys, most, fc.boolean(), (keys, most, withNumbers) => {
      const kernel = kernelWith(keys);
      const [order] = sortedPairs(kernel, 1);
      const { exports, bytes } = kernel;
      const out = exports.OUT.value;
      for (let from = 0; from < keys.length;) {
        const pairs = exports.gather(from, keys.length, out, most.pairs, most.keyBytes, Number(withNumbers));
        const wanted = wantedPairs(keys, order!, from, most);
        expect(pairs).toBe(wanted.length);
        expect(bytes.subarray(out, out + exports.gatheredBytes()).equals(payloadOf(keys, wanted, withNumbers))).toBe(
          true,
        );
        from += Math.max(pairs, 1);
      }
    }),
    { numRuns: 100 },
  );
});

/** The pairs from an index of the order on that there is room for. */
function wantedPairs(
  keys: readonly Buffer[],
  order: readonly number[],
  from: number,
  most: { pairs: number; keyBytes: number },
): number[] {
  const wanted: number[] = [];
  let bytes = 0;
  for (const pair of order.slice(from, from + most.pairs)) {
    bytes += keys[pair]!.length;
    if (bytes > most.keyBytes) break;
    wanted.push(pair);
  }
  return wanted;
}

/** The payload of a block with these pairs, in the layout of a sorted file. */
function payloadOf(keys: readonly Buffer[], pairs: readonly number[], withNumbers: boolean): Buffer {
  const ends = Buffer.alloc(pairs.length * 4);
  const numbers = Buffer.alloc(withNumbers ? pairs.length * 8 : 0);
  let end = 0;
  for (const [at, pair] of pairs.entries()) {
    end += keys[pair]!.length;
    ends.writeUInt32LE(end, at * 4);
    if (withNumbers) numbers.writeDoubleLE(pair / 4, at * 8);
  }
  return Buffer.concat([ends, ...pairs.map((pair) => keys[pair]!), numbers]);
}

test('thousands of keys, each the begin of the next, are sorted in far less than quadratic time', () => {
  const text = 'the beginning of one text is '.repeat(200);
  const keys = Array.from({ length: 5000 }, (_, at) => Buffer.from(text.slice(0, (at * 7919) % 5000)));
  expect(sortedPairs(kernelWith(keys), 1)).toEqual(plainlySorted(keys, 1));
});
