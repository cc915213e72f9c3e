import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { partitionOf } from '../../../src/shuffle/partition.ts';

/** Hadoop's rule as it is documented, in exact integers that are cut to 32 bits. */
function hadoopPartition(bytes: Uint8Array, partitionCount: number): number {
  let hash = 1n;
  for (const byte of bytes) hash = BigInt.asIntN(32, hash * 31n + BigInt.asIntN(8, BigInt(byte)));
  return Number((hash & 0x7fffffffn) % BigInt(partitionCount));
}

test("the partition of any bytes is the one that Hadoop's HashPartitioner gives to Text", () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 40 }),
      fc.uint8Array({ maxLength: 4 }),
      fc.integer({ min: 1, max: 5000 }),
      (key, around, partitionCount) => {
        const bytes = Buffer.concat([around, key, around]);
        const partition = partitionOf(bytes, around.length, around.length + key.length, { count: partitionCount });
        expect(partition).toBe(hadoopPartition(key, partitionCount));
      },
    ),
    { numRuns: 500 },
  );
});

// Computed by hand: '' is 1; 'the' is ((31 + 116) · 31 + 104) · 31 + 101 = 144592; 'é' is (31 - 61) · 31 - 87 = -1017,
// and -1017 & 0x7fffffff = 2147482631.
test.for([
  ['', 1, 0],
  ['', 2, 1],
  ['', 30, 1],
  ['a', 10, 8],
  ['the', 7, 0],
  ['the', 10, 2],
  ['the', 30, 22],
  ['é', 10, 1],
  ['é', 30, 11],
] as const)('of the key %j and %i partitions, the partition is number %i', ([key, partitionCount, partition]) => {
  const bytes = Buffer.from(key);
  expect(partitionOf(bytes, 0, bytes.length, { count: partitionCount })).toBe(partition);
});

test('every key belongs to the partition if there is only one', () => {
  fc.assert(fc.property(fc.uint8Array(), (key) => partitionOf(Buffer.from(key), 0, key.length, { count: 1 }) === 0));
});

test('by range, a partition has the keys from its first key on, up to the first key of the next', () => {
  const firstKeys = ['b', 'c', 'c', 'd'].map((key) => Buffer.from(key));
  const partitions = ['', 'a', 'azzz', 'b', 'bb', 'c', 'cc', 'd', 'z'].map((key) =>
    partitionOf(Buffer.from(`<${key}>`), 1, 1 + key.length, { count: 5, firstKeys }),
  );
  expect(partitions).toEqual([0, 0, 0, 1, 1, 3, 3, 4, 4]);
});
