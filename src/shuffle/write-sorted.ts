// Sorts the pairs in the kernel's memory, and writes them as the blocks of a run.

import type { Kernel } from '../kernel/kernel.ts';
import type { PairValues } from './pair-values.ts';
import { BLOCK_KEY_BYTES, BLOCK_PAIRS, BLOCK_VALUE_BYTES, ValueKind } from './run-format.ts';
import type { RunWriter } from './run-writer.ts';
import { valueBytes } from './value-size.ts';

/** Leaves a segment for each partition. */
export function writeSorted(kernel: Kernel, values: PairValues, partitionCount: number, writer: RunWriter): void {
  const { exports } = kernel;
  const out = exports.OUT.value;
  exports.partitionPairs(partitionCount, out);
  const starts = new Uint32Array(kernel.bytes.buffer, out, partitionCount + 1).slice();
  const order = new Uint32Array(kernel.bytes.buffer, exports.order.value, exports.pairCount());
  for (let partition = 0; partition < partitionCount; partition++) {
    const to = starts[partition + 1]!;
    let at = starts[partition]!;
    exports.sortRange(at, to);
    while (at < to) at += writeBlock(kernel, values, order, at, to, writer);
    writer.endPartition();
  }
}

/** Writes pairs from `order[at]` on as one block. Answers their number. */
function writeBlock(
  kernel: Kernel,
  values: PairValues,
  order: Uint32Array,
  at: number,
  to: number,
  writer: RunWriter,
): number {
  const { exports, bytes } = kernel;
  const out = exports.OUT.value;
  const kind = values.kind ?? ValueKind.none;
  const most = kind === ValueKind.packed ? pairsOfBlock(values, order, at, to) : BLOCK_PAIRS;
  const pairs = exports.gather(at, to, out, most, BLOCK_KEY_BYTES, kind === ValueKind.float64);
  if (pairs === 0) {
    // A key as long as that has a block of its own.
    const pair = order[at]!;
    writer.add(bytes, exports.startOf(pair), exports.endOf(pair), values.at(pair));
    return 1;
  }
  const payload = bytes.subarray(out, out + exports.gatheredBytes());
  if (kind === ValueKind.packed) {
    writer.addBlock(
      pairs,
      kind,
      payload,
      Array.from(order.subarray(at, at + pairs), (pair) => values.at(pair)),
    );
  } else {
    writer.addBlock(pairs, kind, payload);
  }
  return pairs;
}

/** How many pairs have values that make one block. */
function pairsOfBlock(values: PairValues, order: Uint32Array, at: number, to: number): number {
  let pairs = 0;
  const most = Math.min(BLOCK_PAIRS, to - at);
  for (let bytes = 0; pairs < most && bytes <= BLOCK_VALUE_BYTES; pairs++)
    bytes += valueBytes(values.at(order[at + pairs]!));
  return pairs;
}
