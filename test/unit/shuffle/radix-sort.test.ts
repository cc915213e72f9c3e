import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { sortByKey } from '../../../src/shuffle/radix-sort.ts';

/** The numbers of the keys in their order, as a plain stable sort has it. */
function plainOrder(keys: readonly Buffer[]): number[] {
  return [...keys.keys()].sort((a, b) => Buffer.compare(keys[a]!, keys[b]!) || a - b);
}

function radixOrder(keys: readonly Buffer[]): number[] {
  let end = 0;
  const ends = Uint32Array.from(keys, (key) => (end += key.length));
  const order = Uint32Array.from(keys.keys());
  sortByKey(order, 0, keys.length, { bytes: Buffer.concat(keys), ends });
  return [...order];
}

const few = fc.uint8Array({ maxLength: 12, max: 2 });
const any = fc.uint8Array({ maxLength: 12 });
const manyKeys = (key: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Buffer[]> =>
  fc.array(
    key.map((bytes) => Buffer.from(bytes)),
    { maxLength: 400, size: 'max' },
  );

test('keys are sorted by their bytes, equal ones in the order in which they stand', () => {
  fc.assert(
    fc.property(fc.oneof(manyKeys(few), manyKeys(any)), (keys) => {
      expect(radixOrder(keys)).toEqual(plainOrder(keys));
    }),
    { numRuns: 100 },
  );
});

test('a range is sorted, and what stands beside it stays', () => {
  const keys = ['d', 'c', 'b', 'a'].map((key) => Buffer.from(key));
  const order = Uint32Array.from([0, 1, 2, 3]);
  sortByKey(order, 1, 3, { bytes: Buffer.concat(keys), ends: Uint32Array.from([1, 2, 3, 4]) });
  expect([...order]).toEqual([0, 2, 1, 3]);
});

test('many keys with long common beginnings, zeros at their ends, and doubles', () => {
  const keys = Array.from({ length: 20_000 }, (_, at) => {
    const number = (at * 7919) % 6000;
    return Buffer.from(`/usr/share/${number % 3 === 0 ? 'doc' : 'do'}/${number}${'\0'.repeat(at % 5)}`);
  });
  expect(radixOrder(keys)).toEqual(plainOrder(keys));
});
