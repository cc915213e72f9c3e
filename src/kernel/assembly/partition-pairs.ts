// Decides the partition of every key that is partitioned by hash, and puts the pairs of each partition together: a counting
// sort. `src/shuffle/partition.ts` states the rule.

import { count, endOf, startOf } from './key-table';
import { beginSorting, digitAt, digits, order } from './sort-pairs';

/** Source of the partition hash: Hadoop's `WritableComparator.hashBytes`. */
const PARTITION_SEED: u32 = 1;
const PARTITION_FACTOR: u32 = 31;
const POWER_2: u32 = PARTITION_FACTOR * PARTITION_FACTOR;
const POWER_3: u32 = POWER_2 * PARTITION_FACTOR;
const POWER_4: u32 = POWER_2 * POWER_2;
const POWER_5: u32 = POWER_4 * PARTITION_FACTOR;
const POWER_6: u32 = POWER_4 * POWER_2;
const POWER_7: u32 = POWER_4 * POWER_3;
const POWER_8: u32 = POWER_4 * POWER_4;

/** Puts the pairs of each partition together; partition p begins at `starts[p]`, u32. Pairs can only be read afterwards. */
export function partitionPairs(partitionCount: u32, starts: usize): void {
  beginSorting();
  memory.fill(starts, 0, <usize>(partitionCount + 1) * 4);
  for (let pair: u32 = 0; pair < count; pair++) {
    const partition = partitionOf(pair, partitionCount);
    store<u32>(digits + <usize>pair * 4, partition);
    const counter = starts + <usize>(partition + 1) * 4;
    store<u32>(counter, load<u32>(counter) + 1);
  }
  for (let partition: u32 = 0; partition < partitionCount; partition++) {
    const counter = starts + (<usize>partition) * 4;
    store<u32>(counter, load<u32>(counter) + load<u32>(counter, 4), 4);
  }
  // While pairs are put in order, each start moves to the end of its partition, which is the start of the next one.
  for (let pair: u32 = 0; pair < count; pair++) {
    const counter = starts + <usize>digitAt(pair) * 4;
    const position = load<u32>(counter);
    store<u32>(counter, position + 1);
    store<u32>(order + (<usize>position) * 4, pair);
  }
  memory.copy(starts + 4, starts, (<usize>partitionCount) * 4);
  store<u32>(starts, 0);
}

function partitionOf(pair: u32, partitionCount: u32): u32 {
  if (partitionCount == 1) return 0;
  const start = startOf(pair);
  return (partitionHash(start, endOf(pair) - start) & 0x7fffffff) % partitionCount;
}

/** Hadoop's hash, eight bytes at a time, each with its own power of the factor, so that no byte waits for the one before it. */
export function partitionHash(key: usize, length: usize): u32 {
  let hash = PARTITION_SEED;
  const end = key + length;
  for (; key + 8 <= end; key += 8) {
    hash =
      hash * POWER_8 +
      (signed(key, 0) * POWER_7 + signed(key, 1) * POWER_6) +
      (signed(key, 2) * POWER_5 + signed(key, 3) * POWER_4) +
      (signed(key, 4) * POWER_3 + signed(key, 5) * POWER_2) +
      (signed(key, 6) * PARTITION_FACTOR + signed(key, 7));
  }
  for (; key < end; key++) hash = hash * PARTITION_FACTOR + signed(key, 0);
  return hash;
}

// @ts-ignore: decorator
@inline
function signed(key: usize, offset: usize): u32 {
  return <u32>(<i32>load<i8>(key + offset));
}
