// Sorts the pairs in the kernel's memory by partition and key. A key's partition follows from its hash, or from the range that
// the key is in.

import type { Kernel } from '../../kernel/kernel.ts';

/** Puts the pairs of each partition together, by the hash of their keys, and sorts each partition. Returns where each begins. */
export function sortByHash({ exports, bytes }: Kernel, count: number, onStep?: () => void): Uint32Array {
  const out = exports.OUT.value;
  exports.partitionPairs(count, out);
  const starts = new Uint32Array(bytes.buffer, out, count + 1).slice();
  for (let partition = 0; partition < count; partition++) {
    exports.sortRange(starts[partition]!, starts[partition + 1]!);
    onStep?.();
  }
  return starts;
}

/** Sorts all pairs by key, which puts the pairs of each range together. Returns where each range begins. */
export function sortByRange({ exports, bytes }: Kernel, firstKeys: readonly Buffer[]): number[] {
  const count = exports.pairCount();
  exports.orderPairs();
  exports.sortRange(0, count);
  const order = new Uint32Array(bytes.buffer, exports.order.value, count);
  const isBefore = (index: number, key: Buffer): boolean => {
    const pair = order[index]!;
    return bytes.compare(key, 0, key.length, exports.startOf(pair), exports.endOf(pair)) < 0;
  };
  return [0, ...firstKeys.map((key) => partitionPoint(count, (index) => isBefore(index, key)))];
}

/** How many of the first `count` indexes are `isBefore`, all of which come before the others. */
function partitionPoint(count: number, isBefore: (index: number) => boolean): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isBefore(middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}
